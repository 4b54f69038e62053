#include "serve/http/connection.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "serve/http/answer.h"
#include "serve/http/response_text.h"

namespace saker::serve {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kSmall = 4 << 10;   // bytes of an empty buffer
constexpr std::size_t kLarge = 16 << 10;  // the same within a chunked body
constexpr auto kLinger = 2s;
// While the server stops, a client that does not know it may still send a request on a connection it holds: so long it
// is waited for.
constexpr auto kQuiet = 250ms;
// And so long whoever is being sent pieces may take for the last of them.
constexpr auto kLastPieces = 2s;
// Bytes of pieces that the system's buffer takes ahead of what the client has room for: what waits here can still be
// left out for something newer.
constexpr int kMostAhead = 64 << 10;
constexpr auto kNever = Connection::Clock::time_point::max();

// A request whose body counts as long as anybody holds it.
struct Charged {
  explicit Charged(std::shared_ptr<ServerCore> of, std::size_t count) : core(std::move(of)), bytes(count) {}
  Charged(const Charged&) = delete;
  Charged& operator=(const Charged&) = delete;
  ~Charged() { core->release_body_bytes(bytes); }

  const std::shared_ptr<ServerCore> core;
  const std::size_t bytes;
  HttpRequest request;
};

HttpLimit limit_of(int status) {
  if (status == 431) return HttpLimit::kHeaderSize;
  return status == 413 ? HttpLimit::kBodySize : HttpLimit::kMalformed;
}

}  // namespace

std::span<char> InBuffer::room(std::size_t wanted, std::size_t limit) {
  if (begin_ == end_) begin_ = end_ = 0;
  if (begin_ > 0) {
    std::copy(bytes_.begin() + static_cast<std::ptrdiff_t>(begin_), bytes_.begin() + static_cast<std::ptrdiff_t>(end_),
              bytes_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == 0 && bytes_.size() > wanted) bytes_ = {};
  if (end_ >= bytes_.size()) bytes_.resize(std::max(wanted, std::min(2 * bytes_.size(), limit)));
  return {bytes_.data() + end_, bytes_.size() - end_};
}

Connection::Connection(std::shared_ptr<ServerCore> core, std::shared_ptr<IoLoop> loop, std::unique_ptr<Wire> wire,
                       std::string address, std::string peer)
    : core_(std::move(core)),
      loop_(std::move(loop)),
      wire_(std::move(wire)),
      address_(std::move(address)),
      peer_(std::move(peer)),
      reader_(core_->options.max_header, core_->options.max_body) {}

// What a callback throws (there is no memory) ends this connection and no other.
template <typename... Values>
auto Connection::guarded(void (Connection::*function)(Values...)) {
  return [self = shared_from_this(), function](Values... values) {
    try {
      (self.get()->*function)(values...);
    } catch (const std::exception&) {
      self->close();
    }
  };
}

void Connection::start() {
  loop_->add(shared_from_this());
  if (core_->ending) {
    close();
    return;
  }
  read_deadline_ = Clock::now() + core_->options.header_timeout;
  wire_->handshake(guarded(&Connection::on_handshake));
}

void Connection::on_handshake(error_code error, std::size_t) {
  if (stage_ != Stage::kHandshake) return;
  if (error) {
    close();
    return;
  }
  stage_ = Stage::kReading;
  if (core_->draining) drain();
  process();
}

void Connection::start_refused(HttpLimit why) {
  loop_->add(shared_from_this());
  admitted_ = false;
  refuse(503,
         why == HttpLimit::kConnections ? "the server has all the connections it may have: come again later"
                                        : "this client has all the connections it may have",
         why);
}

void Connection::read() {
  if (reading_ || eof_ || stage_ == Stage::kClosed) return;
  std::span<char> room;
  if (stage_ == Stage::kReading) room = reader_.room();
  into_body_ = !room.empty();
  // While a request is worked on, this is how its client's end is noticed; of a next one that comes meanwhile so much
  // is kept, and the rest left to the system's buffers.
  if (!into_body_) {
    const bool more_comes = stage_ == Stage::kReading && head_done_;
    room = in_.room(more_comes ? kLarge : kSmall, std::max(kLarge, core_->options.max_header));
  }
  if (room.empty()) return;
  reading_ = true;
  wire_->read_some(room, guarded(&Connection::on_read));
}

void Connection::on_read(error_code error, std::size_t bytes) {
  reading_ = false;
  if (stage_ == Stage::kClosed) return;
  if (error) {
    on_end(error != net::error::eof);
    return;
  }
  core_->metrics.received(bytes);
  if (stage_ == Stage::kLingering) {
    in_.clear();
    read();
    return;
  }
  if (into_body_) {
    if (stage_ == Stage::kReading) reader_.filled(bytes);
  } else {
    in_.filled(bytes);
  }
  if (stage_ == Stage::kReading) {
    process();
  } else {
    read();
  }
}

// Nothing more comes. A client that has closed and one that has only finished sending look alike: whoever works on its
// request is told that it has gone, and an answer is tried all the same.
void Connection::on_end(bool reset) {
  eof_ = true;
  if (gone_) gone_->store(true);
  if (reset || stage_ != Stage::kWorking) close();
}

void Connection::process() {
  while (stage_ == Stage::kReading) {
    const std::size_t taken = reader_.feed(in_.view());
    in_.take(taken);
    if (!begun_ && !in_.view().empty()) {
      begun_ = true;
      read_deadline_ = std::min(read_deadline_, Clock::now() + core_->options.header_timeout);
    }
    if (!charge_body()) return;
    switch (reader_.stage()) {
      case RequestReader::Stage::kBody:
        if (!head_done_) {
          begun_ = head_done_ = true;
          read_deadline_ = Clock::now() + core_->options.body_timeout;
          if (reader_.expects_continue() && in_.view().empty()) {
            queue(std::string("HTTP/1.1 100 Continue\r\n\r\n"));
            flush();
          }
        }
        [[fallthrough]];
      case RequestReader::Stage::kHead:
        if (taken > 0 && !in_.view().empty()) break;
        if (eof_) {
          close();
        } else {
          read();
        }
        return;
      case RequestReader::Stage::kWhole:
        begin_work();
        break;
      case RequestReader::Stage::kRefused:
        refuse(reader_.refused().status, reader_.refused().message, limit_of(reader_.refused().status));
        return;
    }
  }
  read();
}

// False: there are too many bytes of bodies, and the request is refused.
bool Connection::charge_body() {
  const std::size_t more = reader_.received() - charged_;
  charged_ += more;
  if (more == 0 || core_->add_body_bytes(more)) return true;
  refuse(503, "the server holds all the bytes of requests that it may: come again later", HttpLimit::kBodies);
  return false;
}

void Connection::begin_work() {
  stage_ = Stage::kWorking;
  read_deadline_ = kNever;
  keep_alive_ = reader_.keep_alive();
  http11_ = reader_.http11();
  const auto charged = std::make_shared<Charged>(core_, std::exchange(charged_, 0));
  charged->request = reader_.take();
  const std::shared_ptr<HttpRequest> request(charged, &charged->request);
  without_body_ = request->method == "HEAD";
  const std::string* id = request->header("X-Request-Id");
  id_ = id != nullptr && is_sane_id(*id) ? *id : core_->ids.next();
  request->id = id_;
  request->peer = peer_;
  gone_ = std::make_shared<std::atomic<bool>>(eof_);
  request->gone = gone_;
  answered_ = streaming_ = in_pieces_ = all_queued_ = false;
  const auto responder = std::make_shared<Answer>(shared_from_this(), gone_);
  try {
    core_->handler(request, responder);
  } catch (...) {
    // Whoever lets the responder go without an answer answers 500.
  }
}

void Connection::refuse(int status, std::string_view message, HttpLimit why) {
  core_->metrics.limit(why);
  stage_ = Stage::kWorking;
  read_deadline_ = kNever;
  if (!reading_ || !into_body_) {
    reader_.drop_body();
    core_->release_body_bytes(std::exchange(charged_, 0));
  }
  keep_alive_ = without_body_ = false;
  http11_ = true;
  HttpResponse response = transport_error(status, message);
  if (status == 503) response.headers.emplace_back("Retry-After", "1");
  queue_answer(std::move(response), "");
}

void Connection::queue_answer(HttpResponse response, std::string_view id) {
  answered_ = all_queued_ = true;
  close_after_ = ends_after_this();
  status_ = response.status;
  queue(response_head(response, {BodyEnd::kLength, http11_, close_after_, id}));
  if (!without_body_ && !serve::without_body(status_)) queue(std::move(response.body));
  flush();
}

void Connection::answer(HttpResponse response) {
  loop_->run([self = shared_from_this(), response = std::move(response)]() mutable {
    if (self->stage_ == Stage::kWorking && !self->answered_) self->queue_answer(std::move(response), self->id_);
  });
}

void Connection::begin_answer(HttpResponse head) {
  loop_->run([self = shared_from_this(), head = std::move(head)]() mutable {
    if (self->stage_ != Stage::kWorking || self->answered_) return;
    self->answered_ = self->streaming_ = self->in_pieces_ = true;
    ::setsockopt(self->wire_->socket().native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kMostAhead, sizeof kMostAhead);
    self->status_ = head.status;
    self->chunked_ = self->http11_;
    self->without_body_ = self->without_body_ || serve::without_body(head.status);
    self->close_after_ = self->ends_after_this() || !self->chunked_;
    std::string piece = std::exchange(head.body, {});
    self->queue(response_head(
        head, {self->chunked_ ? BodyEnd::kChunks : BodyEnd::kClosing, self->http11_, self->close_after_, self->id_}));
    self->backlog_ += piece.size();
    self->add_piece(std::move(piece));
    self->flush();
    if (self->core_->draining) self->drain();
  });
}

void Connection::add_piece(OutBytes piece) {
  loop_->run([self = shared_from_this(), piece = std::move(piece)]() mutable {
    const std::size_t size = piece.view().size();
    if (self->stage_ != Stage::kWorking || !self->streaming_ || self->without_body_ || size == 0) {
      self->backlog_ -= size;
      return;
    }
    self->queued_pieces_ += size;
    if (self->chunked_) self->queue(fmt::format("{:x}\r\n", size));
    self->queue(std::move(piece));
    if (self->chunked_) self->queue(std::string("\r\n"));
    self->flush();
  });
}

void Connection::end_answer() {
  loop_->run([self = shared_from_this()] {
    if (self->stage_ != Stage::kWorking || !self->streaming_) return;
    self->streaming_ = false;
    self->all_queued_ = true;
    if (self->chunked_ && !self->without_body_) self->queue(std::string("0\r\n\r\n"));
    self->flush();
  });
}

bool Connection::claim_backlog(std::size_t bytes, std::size_t most) {
  const std::size_t before = backlog_.fetch_add(bytes);
  if (before == 0 || before + bytes <= most) return true;
  backlog_ -= bytes;
  return false;
}

void Connection::queue(OutBytes bytes) {
  if (!bytes.view().empty()) queued_.push_back(std::move(bytes));
}

// How long what is written may take.
Connection::Clock::duration Connection::patience() const {
  const Clock::duration usual = core_->options.write_timeout;
  return in_pieces_ && core_->draining ? std::min<Clock::duration>(usual, kLastPieces) : usual;
}

void Connection::flush() {
  if (writing_ || stage_ == Stage::kClosed) return;
  if (queued_.empty()) {
    if (all_queued_ && stage_ == Stage::kWorking) finish();
    return;
  }
  std::swap(queued_, flying_);
  flying_pieces_ = std::exchange(queued_pieces_, 0);
  buffers_.clear();
  for (const OutBytes& piece : flying_) buffers_.emplace_back(piece.view().data(), piece.view().size());
  writing_ = true;
  write_deadline_ = Clock::now() + patience();
  wire_->write({buffers_}, guarded(&Connection::on_written));
}

void Connection::on_written(error_code error, std::size_t bytes) {
  writing_ = false;
  write_deadline_ = kNever;
  core_->metrics.sent(bytes);
  backlog_ -= std::exchange(flying_pieces_, 0);
  flying_.clear();
  if (stage_ == Stage::kClosed) return;
  if (error) {
    close();
    return;
  }
  flush();
}

// The answer has been written.
void Connection::finish() {
  core_->metrics.response(status_);
  all_queued_ = answered_ = false;
  gone_.reset();
  if (close_after_) {
    linger();
    return;
  }
  stage_ = Stage::kReading;
  begun_ = head_done_ = false;
  // A client that was told nothing of an end may have sent its next request already.
  read_deadline_ =
      Clock::now() + (core_->draining ? Clock::duration(kQuiet) : Clock::duration(core_->options.idle_timeout));
  process();
}

// Closing with bytes unread makes the system reset the connection, and the answer is lost on its way (RFC 9112, 9.6):
// what still comes is read and thrown away for a while.
void Connection::linger() {
  if (eof_) {
    close();
    return;
  }
  stage_ = Stage::kLingering;
  read_deadline_ = Clock::now() + (core_->draining ? Clock::duration(kQuiet) : Clock::duration(kLinger));
  in_.take(in_.view().size());
  wire_->end_writing([self = shared_from_this()](error_code, std::size_t) { self->read(); });
}

void Connection::check_deadlines(Clock::time_point now) {
  if (now >= write_deadline_) {
    core_->metrics.limit(HttpLimit::kWriteTime);
    close();
    return;
  }
  if (now < read_deadline_) return;
  if (stage_ != Stage::kReading) {
    close();
  } else if (!begun_) {
    linger();
  } else if (head_done_) {
    refuse(408, "the request's body did not come in time", HttpLimit::kBodyTime);
  } else {
    refuse(408, "the request's header did not come in time", HttpLimit::kHeaderTime);
  }
}

void Connection::drain() {
  if (stage_ == Stage::kReading && !begun_) {
    read_deadline_ = std::min(read_deadline_, Clock::now() + kQuiet);
  } else if (stage_ == Stage::kWorking && in_pieces_) {
    if (writing_) write_deadline_ = std::min(write_deadline_, Clock::now() + patience());
    close_after_ = true;
    if (!streaming_) return;
    gone_->store(true);  // whoever makes the pieces may stop
    end_answer();
  }
}

void Connection::close() {
  if (stage_ == Stage::kClosed) return;
  stage_ = Stage::kClosed;
  core_->release_body_bytes(std::exchange(charged_, 0));
  if (gone_) gone_->store(true);
  error_code ignored;
  wire_->socket().close(ignored);
  const auto self = shared_from_this();
  loop_->remove(self);
  core_->closed(admitted_, address_);
}

}  // namespace saker::serve
