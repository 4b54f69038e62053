#!/usr/bin/python3
"""An RTSP camera on this machine that plays an H.264 clip at its own speed: GStreamer's RTSP server, all clients of
one mount watching the same picture. Prints a line once it listens, and runs until it is killed.

  /usr/bin/python3 bench/video/rtsp_server.py CLIP.mp4 [--port 8554] [--mounts 1]

The mounts are rtsp://127.0.0.1:PORT/0, /1, ... Debian 12: gir1.2-gst-rtsp-server-1.0 python3-gi
gstreamer1.0-plugins-base gstreamer1.0-plugins-good, for Debian's own Python. A clip that ends ends the stream; the
next client starts it again.
"""
import argparse

import gi

gi.require_version('Gst', '1.0')
gi.require_version('GstRtspServer', '1.0')
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402


ELEMENTS = 'filesrc', 'qtdemux', 'rtph264pay', 'rtpbin', 'udpsink', 'appsink'


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('clip', nargs='?')
    parser.add_argument('--port', type=int, default=8554, metavar='N')
    parser.add_argument('--mounts', type=int, default=1, metavar='N')
    parser.add_argument('--check', action='store_true', help='whether all it needs is here; nothing else')
    return parser.parse_args()


def main():
    asked = arguments()
    Gst.init(None)
    missing = [name for name in ELEMENTS if not Gst.ElementFactory.find(name)]
    if missing:
        raise SystemExit(f'rtsp_server: GStreamer lacks {", ".join(missing)}')
    if asked.check:
        return
    if not asked.clip:
        raise SystemExit('rtsp_server: a clip is missing')
    server = GstRtspServer.RTSPServer()
    server.set_address('127.0.0.1')
    server.set_service(str(asked.port))
    for mount in range(asked.mounts):
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(f'( filesrc location="{asked.clip}" ! qtdemux ! rtph264pay name=pay0 pt=96 config-interval=-1 )')
        factory.set_shared(True)
        server.get_mount_points().add_factory(f'/{mount}', factory)
    if not server.attach(None):
        raise SystemExit(f'rtsp_server: port {asked.port} is taken')
    print('listening', flush=True)
    GLib.MainLoop().run()


main()
