// Who watches a camera, and what each is sent: the newest there is, as fast as it can take it. Nobody is waited for,
// and nothing but the time, which is an argument, decides: whoever calls has the clock and the lock.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "serve/exchange.h"
#include "serve/job.h"

namespace saker::serve {

enum class StreamFormat : std::uint8_t { kEvents, kPictures };

using SharedText = std::shared_ptr<const std::string>;

// When the next of something is due that comes at most every `gap`, after one that was due at `due` and came now. A
// beat is kept as long as what comes keeps up with it.
inline Time next_due(Time due, Duration gap, Time now) {
  return now - due < gap ? due + gap : now + gap;
}

class Watchers {
 public:
  // Its answer has begun. `gap`: between what it is sent, at least.
  void add(std::shared_ptr<const HttpRequest> request, std::shared_ptr<Responder> responder, StreamFormat format,
           Duration gap, Time now);
  // Whether anybody of this format is due.
  bool wants(StreamFormat format, Time now) const;
  // A frame: to who is due and has taken what was sent before.
  void show(StreamFormat format, const SharedText& piece, Time now);
  // News: to all who get events, as long as there is any room.
  void tell(const SharedText& event, Time now);
  // A sign of life for who has been sent nothing for a while, so that nobody on the way takes the connection for dead:
  // a comment, or the last picture again. Forgets who has gone.
  void beat(Time now);
  // Ends all answers, those of events with this one.
  void end(const SharedText& event);

  std::size_t size() const { return all_.size(); }
  bool empty() const { return all_.empty(); }
  std::uint64_t left_out() const { return left_out_; }  // frames, for watchers that were slow

  static constexpr auto kQuiet = std::chrono::seconds(15);

 private:
  struct Watcher {
    std::shared_ptr<const HttpRequest> request;
    std::shared_ptr<Responder> responder;
    StreamFormat format = StreamFormat::kEvents;
    Duration gap;
    Time due, heard;  // the next frame; the last piece
  };
  bool offer(Watcher& watcher, const SharedText& piece, Time now);

  std::vector<Watcher> all_;
  SharedText last_picture_;
  std::uint64_t left_out_ = 0;
};

}  // namespace saker::serve
