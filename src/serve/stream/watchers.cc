#include "serve/stream/watchers.h"

#include <algorithm>
#include <utility>

namespace saker::serve {
namespace {

// Bytes that may wait to be written when there is something new: of events a few, of pictures nothing.
constexpr std::size_t kMostEvents = 16 << 10, kMostPictures = 0;

bool is_gone(const HttpRequest& request) {
  return request.gone != nullptr && request.gone->load();
}

}  // namespace

void Watchers::add(std::shared_ptr<const HttpRequest> request, std::shared_ptr<Responder> responder,
                   StreamFormat format, Duration gap, Time now) {
  all_.push_back({std::move(request), std::move(responder), format, gap, now, now});
}

bool Watchers::wants(StreamFormat format, Time now) const {
  return std::ranges::any_of(all_, [&](const Watcher& one) { return one.format == format && one.due <= now; });
}

bool Watchers::offer(Watcher& watcher, const SharedText& piece, Time now) {
  const std::size_t waiting = watcher.format == StreamFormat::kEvents ? kMostEvents : kMostPictures;
  if (!watcher.responder->offer(piece, waiting)) return false;
  watcher.heard = now;
  return true;
}

void Watchers::show(StreamFormat format, const SharedText& piece, Time now) {
  if (format == StreamFormat::kPictures) last_picture_ = piece;
  for (Watcher& one : all_) {
    if (one.format != format || one.due > now) continue;
    if (offer(one, piece, now)) {
      one.due = next_due(one.due, one.gap, now);
    } else {
      ++left_out_;
    }
  }
}

void Watchers::tell(const SharedText& event, Time now) {
  for (Watcher& one : all_) {
    if (one.format == StreamFormat::kEvents && one.responder->write(*event)) one.heard = now;
  }
}

void Watchers::beat(Time now) {
  static const SharedText comment = std::make_shared<const std::string>(": \n\n");
  std::erase_if(all_, [&](Watcher& one) {
    if (is_gone(*one.request)) {
      one.responder->end();
      return true;
    }
    if (now - one.heard < kQuiet) return false;
    const SharedText& sign = one.format == StreamFormat::kEvents ? comment : last_picture_;
    if (sign != nullptr) offer(one, sign, now);
    return false;
  });
}

void Watchers::end(const SharedText& event) {
  for (Watcher& one : all_) {
    if (one.format == StreamFormat::kEvents) one.responder->write(*event);
    one.responder->end();
  }
  all_.clear();
  last_picture_ = nullptr;
}

}  // namespace saker::serve
