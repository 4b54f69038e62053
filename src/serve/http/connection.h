// One client: its requests one after another, each answered before the next is begun.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "serve/exchange.h"
#include "serve/http/io_loop.h"
#include "serve/http/request_reader.h"
#include "serve/http/server_core.h"
#include "serve/http/wire.h"

namespace saker::serve {

// Bytes that have come and were not taken. Empty it is a few KB.
class InBuffer {
 public:
  std::string_view view() const { return {bytes_.data() + begin_, end_ - begin_}; }
  void take(std::size_t bytes) { begin_ += bytes; }
  void clear() { begin_ = end_ = 0; }
  // Room behind them; empty where there are `limit` of them already. An empty buffer has `wanted` bytes, one that has
  // been filled grows. Moves what there is: not while something is read into the last room.
  std::span<char> room(std::size_t wanted, std::size_t limit);
  void filled(std::size_t bytes) { end_ += bytes; }

 private:
  std::vector<char> bytes_;
  std::size_t begin_ = 0, end_ = 0;
};

// Bytes to be written: its own, or some that other connections write, too.
class OutBytes {
 public:
  OutBytes(std::string own) : own_(std::move(own)) {}                                  // NOLINT: both are bytes
  OutBytes(std::shared_ptr<const std::string> shared) : shared_(std::move(shared)) {}  // NOLINT
  std::string_view view() const { return shared_ ? std::string_view(*shared_) : std::string_view(own_); }

 private:
  std::string own_;
  std::shared_ptr<const std::string> shared_;
};

// Everything on the thread of its loop, unless it says otherwise.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kMaxBacklog = std::size_t{1} << 20;  // bytes of pieces that wait to be written

  // `address` and `peer`: "127.0.0.1", "127.0.0.1:4711".
  Connection(std::shared_ptr<ServerCore> core, std::shared_ptr<IoLoop> loop, std::unique_ptr<Wire> wire,
             std::string address, std::string peer);

  void start();
  // Answers with 503 whatever the request is, and closes.
  void start_refused(HttpLimit why);
  void check_deadlines(Clock::time_point now);
  // Answers what it has, and at most one request that is on its way, and closes.
  void drain();
  void abort() { close(); }

  // From any thread; Answer calls them.
  IoLoop& loop() { return *loop_; }
  void answer(HttpResponse response);
  void begin_answer(HttpResponse head);
  void add_piece(OutBytes piece);
  void end_answer();
  // So many bytes more wait to be written; false: they would be more than `most`, with others among them.
  bool claim_backlog(std::size_t bytes, std::size_t most);

 private:
  enum class Stage : std::uint8_t { kHandshake, kReading, kWorking, kLingering, kClosed };

  template <typename... Values>
  auto guarded(void (Connection::*function)(Values...));
  void on_handshake(error_code error, std::size_t);
  void read();
  void on_read(error_code error, std::size_t bytes);
  void on_end(bool reset);
  void process();
  void begin_work();
  bool charge_body();
  void refuse(int status, std::string_view message, HttpLimit why);
  void queue_answer(HttpResponse response, std::string_view id);
  void queue(OutBytes bytes);
  Clock::duration patience() const;
  void flush();
  void on_written(error_code error, std::size_t bytes);
  void finish();
  void linger();
  void close();
  bool ends_after_this() const { return !keep_alive_ || core_->draining.load(); }

  const std::shared_ptr<ServerCore> core_;
  const std::shared_ptr<IoLoop> loop_;
  const std::unique_ptr<Wire> wire_;
  const std::string address_, peer_;
  bool admitted_ = true;  // counts as open; else it is only there to be told why not
  Stage stage_ = Stage::kHandshake;
  RequestReader reader_;
  InBuffer in_;
  bool reading_ = false, into_body_ = false, eof_ = false;
  bool begun_ = false;       // bytes of a request have come
  bool head_done_ = false;   // of the request that is being read
  std::size_t charged_ = 0;  // bytes of its body that the server's limit knows of
  Clock::time_point read_deadline_ = Clock::time_point::max(), write_deadline_ = Clock::time_point::max();

  // Of the request that is being answered.
  std::string id_;
  std::shared_ptr<std::atomic<bool>> gone_;
  bool keep_alive_ = false, http11_ = true, without_body_ = false;
  bool answered_ = false;   // something of the answer was queued
  bool streaming_ = false;  // and more comes
  bool in_pieces_ = false;  // the answer is one of pieces
  bool chunked_ = false;
  bool all_queued_ = false, close_after_ = false;
  int status_ = 0;

  std::vector<OutBytes> queued_, flying_;   // to be written; being written
  std::vector<net::const_buffer> buffers_;  // of flying_
  bool writing_ = false;
  std::size_t queued_pieces_ = 0, flying_pieces_ = 0;  // bytes that were claimed
  std::atomic<std::size_t> backlog_{0};
};

}  // namespace saker::serve
