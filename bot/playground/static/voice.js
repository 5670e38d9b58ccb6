// Records with the microphone; resolves to a file, or says in words why it cannot.

import { toast } from "./dom.js";

const MOST_SECONDS = 60;

export class Recorder {
  constructor(onchange) {
    this.onchange = onchange;
    this.running = null;
  }

  async start() {
    if (!navigator.mediaDevices || !window.MediaRecorder) return toast("这个浏览器不能录音，请用“语音文件”发送");
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      return toast("没有得到麦克风的许可，请在浏览器里允许，或用“语音文件”发送");
    }
    const recorder = new MediaRecorder(stream);
    const parts = [];
    recorder.ondataavailable = (event) => parts.push(event.data);
    this.running = { recorder, stream, parts, timer: setTimeout(() => this.onchange("limit"), MOST_SECONDS * 1000) };
    recorder.start();
    return this.onchange("recording");
  }

  stop() {
    const { recorder, stream, parts, timer } = this.running;
    this.running = null;
    clearTimeout(timer);
    return new Promise((resolve) => {
      recorder.onstop = () => {
        stream.getTracks().forEach((track) => track.stop());
        this.onchange("idle");
        const kind = recorder.mimeType.includes("ogg") ? "ogg" : recorder.mimeType.includes("mp4") ? "mp4" : "webm";
        resolve(new File(parts, `voice.${kind}`, { type: recorder.mimeType }));
      };
      recorder.stop();
    });
  }
}
