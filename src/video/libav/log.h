// What FFmpeg says by itself. Nothing of it reaches stderr; the last complaint makes our own messages clearer.
#pragma once

#include <atomic>
#include <string>

namespace saker::video {

// Once, before anything else of FFmpeg's is called.
void take_log();

// Of this thread: complaints since the last forget_complaint(). Without passwords, on one line; empty: there was none.
void forget_complaint();
std::string last_complaint();

// A decoder whose `opaque` is a std::atomic<bool> sets it when it refuses a picture for its `max_pixels`, which it
// tells by its log alone.
using RefusedSize = std::atomic<bool>;

}  // namespace saker::video
