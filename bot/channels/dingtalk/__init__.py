"""DingTalk (钉钉): robot messages and card taps in, messages and interactive cards out."""
