"""The same from Python's ctypes."""

import ctypes
import sys
import threading

library = ctypes.CDLL(sys.argv[1])
library.anrf_probe_token_new.restype = ctypes.c_void_p
CALLBACK = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p)
RELEASE = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
kept = {}


def taken(out):
    text = ctypes.cast(out, ctypes.c_char_p).value.decode()
    library.anrf_probe_string_free(out)
    return text


def load(name, text):
    module, out = ctypes.c_void_p(), ctypes.c_void_p()
    status = library.anrf_probe_load(name.encode(), text.encode(), ctypes.byref(module), ctypes.byref(out))
    return status, taken(out), module


def call(module, function, inputs, token=None, callback=None):
    out = ctypes.c_void_p()
    status = library.anrf_probe_call(
        module, function.encode(), inputs.encode(), ctypes.c_void_p(token), callback,
        RELEASE(lambda text: kept.pop(text)) if callback else None, None, ctypes.byref(out))
    return status, taken(out)


@CALLBACK
def answer(_data, operation, question):
    if operation != b"ask" or question == b"no":
        return None
    text = ctypes.create_string_buffer(b"because")
    address = ctypes.addressof(text)
    kept[address] = text
    return address


status, identity, module = load("probe.vsp", open(sys.argv[2], encoding="utf-8").read())
assert status == 0 and identity.startswith("sha256:"), identity
status, message, _ = load("bad.vsp", "node_id: [")
assert status == 1 and message.startswith("bad.vsp:1:"), message
assert call(module, "double", '{"n": 21}') == (0, '{"success":{"value":42}}')
assert "overflow" in call(module, "double", '{"n": 9223372036854775807}')[1]
assert call(module, "double", '{"n": true}')[0] == 1
assert call(module, "ask_host", '{"question": "why"}', callback=answer) == (0, '{"success":{"answer":"because"}}')
assert '"refused"' in call(module, "ask_host", '{"question": "no"}', callback=answer)[1]
token = library.anrf_probe_token_new()
timer = threading.Timer(0.05, lambda: library.anrf_probe_token_cancel(ctypes.c_void_p(token)))
timer.start()
assert '"limit"' in call(module, "forever", '{"n": -1}', token=token)[1]
timer.join()
library.anrf_probe_token_free(ctypes.c_void_p(token))
library.anrf_probe_module_free(module)
assert not kept
print("ok")
