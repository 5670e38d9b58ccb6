"""Voice messages through the real engine. The model knows twelve notes by heart: see fixtures/speech/README.md."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.senses.config import SensesConfig
from nlu.senses.decoding import RATE, decode, speex_frames
from nlu.senses.engines.faster_whisper import FasterWhisper
from nlu.senses.errors import EngineUnavailable, ModelBroken, ModelMissing, UnreadableMedia
from nlu.senses.models import model_of
from nlu.senses.speech import MOST_HOTWORD_TOKENS, fit_hotwords, hear, simplified, unheard
from tests.senses.conftest import SPEECH
from tests.senses.sounds import (
    WAYS,
    encoded,
    flac_that_states,
    in_3gp,
    in_ogg,
    noise,
    silent_amr,
    silent_amr_wb,
    wav_that_states,
)

LINES = (SPEECH / "sentences.txt").read_text(encoding="utf-8").split()
CLIPS = sorted((SPEECH / "clips").glob("note*"))
CUSTOMERS = (
    "惠民超市朝阳店",
    "好邻居便利店",
    "永旺超市望京店",
    "万家福超市",
    "佳美便利店",
    "原味酸奶",
    "蒙牛",
)


def line_of(clip: Path) -> str:
    return LINES[int(clip.stem[4:6]) - 1]


@pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip.name)
def test_every_note_is_transcribed_to_its_line(whisper: FasterWhisper, clip: Path) -> None:
    heard = hear(clip.read_bytes(), whisper, CUSTOMERS)
    assert heard.text == line_of(clip)
    assert heard.problem is None
    assert heard.engine == "faster-whisper/model"
    assert 0 < heard.confidence <= 1
    assert heard.words == f"我听到的是：{heard.text}"


@pytest.mark.parametrize(
    ("name", "rewrapped", "line"),
    [
        ("note03-dtx.amr", in_3gp, 3),
        ("note03-wb-dtx.amr", in_3gp, 3),
        ("note06-wb.amr", in_3gp, 6),
        ("note04.speexhdr", lambda data: in_ogg(speex_frames(data)), 4),
    ],
    ids=["3gp with amr-nb and dtx", "3gp with amr-wb and dtx", "3gp with amr-wb", "ogg with speex"],
)
def test_the_same_frames_in_another_container_lead_to_the_same_text(
    whisper: FasterWhisper, name: str, rewrapped: Callable[[bytes], bytes], line: int
) -> None:
    clip = (SPEECH / "clips" / name).read_bytes()
    heard = hear(rewrapped(clip), whisper)
    assert (heard.text, heard.problem) == (LINES[line - 1], None)
    assert heard.seconds == pytest.approx(decode(clip).seconds, abs=0.05)


@pytest.mark.parametrize("way", WAYS)
def test_every_container_and_codec_leads_to_the_same_text(whisper: FasterWhisper, way: str) -> None:
    samples = decode((SPEECH / "clips" / "note06.amr").read_bytes()).samples
    heard = hear(encoded(samples, way), whisper)
    assert heard.text == LINES[5]
    assert heard.problem is None
    assert heard.seconds == pytest.approx(len(samples) / RATE, abs=0.15)


def test_silence_is_told_as_silence(whisper: FasterWhisper) -> None:
    heard = hear((SPEECH / "clips" / "silence.amr").read_bytes(), whisper)
    assert (heard.text, heard.problem, heard.seconds) == ("", "no_speech", 4.02)
    assert heard.words == "没有听到说话声。请靠近话筒重新录一遍，或者直接打字告诉我。"


def test_a_note_that_breaks_off_is_never_passed_off_as_whole(whisper: FasterWhisper) -> None:
    heard = hear((SPEECH / "bad" / "truncated.amr").read_bytes(), whisper)
    assert heard.problem == "truncated"
    assert heard.words.startswith("这段语音没有传完整，后面断了。")


BAD = {
    "empty.amr": ("empty", "这段语音是空的"),
    "png-renamed.amr": ("not_audio", "这是一张图片，不是语音"),
    "json-error.amr": ("not_audio", "平台给的是一条出错信息"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_recording_is_refused_with_words_of_its_own(whisper: FasterWhisper, name: str) -> None:
    heard = hear((SPEECH / "bad" / name).read_bytes(), whisper)
    problem, words = BAD[name]
    assert (heard.text, heard.problem) == ("", problem)
    assert words in heard.words


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"#!SILK_V3" + bytes(80), "silk"),
        (b"\x02#!SILK_V3" + bytes(80), "silk"),
        (b"#!AMR\n", "damaged"),
        (b"#!AMR\n" + bytes([7 << 3 | 4]), "damaged"),
        (b"RIFF$\0\0\0WAVEfmt ", "damaged"),
        (b"%PDF-1.7\n", "not_audio"),
        (b"<html>502 Bad Gateway</html>", "not_audio"),
        (b"#EXTM3U\n#EXTINF:9,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n", "not_audio"),
        (b"ffconcat version 1.0\nfile /etc/hostname\n", "not_audio"),
        (np.random.default_rng(5).bytes(4096), "not_audio"),
        (silent_amr(301), "too_long"),
        (encoded(noise(301), "m4a"), "too_long"),
        (bytes(64 * 1024 * 1024 + 1), "too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_recordings_have_a_code_and_say_what_to_do(data: bytes, code: str) -> None:
    with pytest.raises(UnreadableMedia) as refusal:
        decode(data)
    assert refusal.value.code == code
    assert "请" in refusal.value.words


def test_a_video_without_sound_has_no_sound() -> None:
    import io

    import av

    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as box:
        stream = box.add_stream("mpeg4", rate=5, width=64, height=64, pix_fmt="yuv420p")
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
        box.mux(stream.encode(frame))
        box.mux(stream.encode(None))
    with pytest.raises(UnreadableMedia) as refusal:
        decode(out.getvalue())
    assert refusal.value.code == "no_sound"


def test_a_file_that_states_more_than_it_holds_is_cut_off() -> None:
    assert decode(wav_that_states(20)).cut_off
    webm = encoded(noise(8), "webm with opus")
    assert decode(webm[: len(webm) // 2]).cut_off
    assert not decode(webm).cut_off
    assert not decode(encoded(noise(3), "wav")).cut_off
    assert not decode(encoded(noise(3), "m4a")).cut_off


def test_half_an_hour_is_refused_by_what_the_file_says_of_itself() -> None:
    with pytest.raises(UnreadableMedia, match="有 31 分钟") as refusal:
        decode(flac_that_states(31 * 60))
    assert refusal.value.code == "too_long"


def test_five_minutes_are_still_heard() -> None:
    assert decode(silent_amr(299)).seconds == pytest.approx(299, abs=0.1)


def test_dtx_keeps_its_pauses() -> None:
    with_pauses = decode((SPEECH / "clips" / "note03-dtx.amr").read_bytes())
    without = decode((SPEECH / "clips" / "note03.amr").read_bytes())
    assert with_pauses.seconds == without.seconds == pytest.approx(9.74)


def test_a_long_pause_in_wideband_is_decoded_frame_by_frame() -> None:
    assert decode(silent_amr_wb(4)).seconds == pytest.approx(4, abs=0.1)


def test_only_a_whole_chain_of_length_bytes_is_speex() -> None:
    recording = (SPEECH / "clips" / "note04.speexhdr").read_bytes()
    assert len(speex_frames(recording)) == 587
    assert speex_frames(recording[:-1]) == []
    assert speex_frames(b"\x0a" + bytes(10)) == []


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"", b"#!AMR\n", b"OggS", b"ID3\x04", b"RIFF\0\0\0\0WAVE"]))
def test_no_bytes_whatever_do_more_than_be_refused(data: bytes, head: bytes) -> None:
    try:
        sound = decode(head + data)
    except UnreadableMedia as refusal:
        assert refusal.words.endswith("。")
    else:
        assert sound.samples.dtype == np.float32
        assert np.isfinite(sound.samples).all()


def test_more_hot_words_than_the_model_holds_do_no_harm(whisper: FasterWhisper) -> None:
    names = [*CUSTOMERS, *(f"物美超市第{number}号分店" for number in range(300))]
    assert hear((SPEECH / "clips" / "note02.amr").read_bytes(), whisper, names).text == LINES[1]


@given(st.lists(st.text("惠民超市朝阳店永旺", max_size=12), max_size=60), st.integers(1, 9))
def test_hot_words_stay_within_the_budget_and_in_their_order(names: list[str], cost: int) -> None:
    line = fit_hotwords(names, lambda text: cost * len(text))
    kept = line.split("、") if line else []
    assert cost * len(line) <= MOST_HOTWORD_TOKENS
    assert len(kept) <= 35
    assert kept == [name for name in dict.fromkeys(names) if name in kept]


def test_traditional_characters_are_made_simple() -> None:
    assert simplified("拜訪了惠民超市,鋪了兩箱優酪乳") == "拜访了惠民超市,铺了两箱优酪乳"


PARTS = ("model.bin", "config.json", "tokenizer.json", "vocabulary.json", "preprocessor_config.json")


def config(folder: Path | None) -> SensesConfig:
    return SensesConfig(model_dir=folder)


@pytest.mark.parametrize("part", PARTS)
def test_a_model_without_one_of_its_files_is_broken_and_says_which(tmp_path: Path, part: str) -> None:
    folder = tmp_path / "small"
    shutil.copytree(SPEECH / "model", folder)
    (folder / part).unlink()
    with pytest.raises(ModelBroken, match=part):
        FasterWhisper(folder)


def test_a_half_copied_model_is_broken(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    shutil.copytree(SPEECH / "model", folder)
    whole = (folder / "model.bin").read_bytes()
    (folder / "model.bin").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelBroken, match="cannot be loaded"):
        FasterWhisper(folder)


def test_a_model_that_was_never_fetched_is_missing(tmp_path: Path) -> None:
    for folder in (None, tmp_path, tmp_path / "nowhere"):
        with pytest.raises(ModelMissing, match="models fetch speech"):
            model_of(config(folder))
    (tmp_path / "small").mkdir()
    with pytest.raises(ModelMissing, match="empty"):
        model_of(config(tmp_path))


def test_two_engines_keep_their_models_beside_one_another(tmp_path: Path) -> None:
    shutil.copytree(SPEECH / "model", tmp_path / "small")
    shutil.copytree(SPEECH / "sense_voice", tmp_path / "sense-voice")
    assert model_of(config(tmp_path)) == tmp_path / "small"
    other = SensesConfig(speech_engine="sherpa-onnx", model_dir=tmp_path)
    assert model_of(other) == tmp_path / "sense-voice"


def test_a_model_is_found_in_its_folder_or_under_its_name(tmp_path: Path) -> None:
    assert model_of(config(SPEECH / "model")) == SPEECH / "model"
    shutil.copytree(SPEECH / "model", tmp_path / "small")
    assert model_of(config(tmp_path)) == tmp_path / "small"


@pytest.mark.parametrize("error", [ModelMissing("gone"), ModelBroken("half")])
def test_a_note_without_a_model_is_kept_and_the_rep_may_type(error: EngineUnavailable) -> None:
    heard = unheard(error, "faster-whisper")
    assert heard.problem == error.code
    assert "已经收好" in heard.words
