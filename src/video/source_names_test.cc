// Which names are videos, and what of a name may be shown.
#include <gtest/gtest.h>

#include "video/video.h"

namespace saker::video {
namespace {

TEST(SourceNames, VideosAreToldByTheirNames) {
  for (const char* name : {"a.mp4", "dir.x/B.MKV", "c.mov", "d.ts", "e.avi", "f.webm", "g.h264", "/dev/video0",
                           "/dev/video12", "rtsp://host/a", "http://host/stream", "udp://:5000"}) {
    EXPECT_TRUE(is_video_source(name)) << name;
  }
  for (const char* name : {"a.jpg", "pictures", "mp4", ".mp4x", "a.mp4/", "dir.mp4/a.png", "/dev/null", "0", ""}) {
    EXPECT_FALSE(is_video_source(name)) << name;
  }
}

TEST(SourceNames, PasswordsAreNotShown) {
  const std::pair<const char*, const char*> cases[] = {
      {"street.mp4", "street.mp4"},
      {"a@b:c.mp4", "a@b:c.mp4"},
      {"rtsp://host:554/live", "rtsp://host:554/live"},
      {"rtsp://user@host/live", "rtsp://user@host/live"},
      {"rtsp://user:secret@host:554/live", "rtsp://user:***@host:554/live"},
      {"rtsp://user:@host/live", "rtsp://user:***@host/live"},
      {"rtsp://:secret@host/live", "rtsp://:***@host/live"},
      // As people type them: these characters should have been escaped.
      {"rtsp://user:se@cr:et@host/live", "rtsp://user:***@host/live"},
      {"rtsp://user:sec/ret@host/live", "rtsp://user:***@host/live"},
      {"rtsp://u:p@host/?token=abcdef", "rtsp://u:***@host/?token=***"},
      {"http://host/a.m3u8?a=secret&channel=1&b=c=d", "http://host/a.m3u8?a=***&channel=1&b=***"},
      {"rtsp://host/cam?channel=1&subtype=0", "rtsp://host/cam?channel=1&subtype=0"},
      {"rtsp://host/?password=12", "rtsp://host/?password=***"},
      {"rtsp://host/user=admin&password=secret&channel=1.sdp", "rtsp://host/user=admin&password=***&channel=1.sdp"},
      {"rtsp://host/user=admin_password=secret_channel=1", "rtsp://host/user=admin_password=***_channel=1"},
      {"rtsp://host/?pin=1234", "rtsp://host/?pin=***"},
  };
  for (const auto& [source, shown] : cases) EXPECT_EQ(without_password(source), shown);
}

// Messages of libraries, with addresses in them.
TEST(SourceNames, NorInTextsThatNameThem) {
  EXPECT_EQ(without_password("cannot open 'rtsp://u:secret@host/a': a@b says no"),
            "cannot open 'rtsp://u:***@host/a': a@b says no");
  EXPECT_EQ(without_password("http://a:b@c/ and tcp://d:e@f"), "http://a:***@c/ and tcp://d:***@f");
}

TEST(SourceNames, WhatIsNoAddressDoesNoHarm) {
  for (const char* text : {"", "://", "a://", "://:@", "://?=", "x://:@?=&=;=#", "a://b?c=", "a://?password="})
    EXPECT_LE(without_password(text).size(), std::string(text).size() + 12) << text;
}

}  // namespace
}  // namespace saker::video
