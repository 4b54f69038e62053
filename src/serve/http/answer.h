// The Responder of a connection's request.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "serve/exchange.h"

namespace saker::serve {

class Connection;

class Answer final : public Responder {
 public:
  Answer(std::shared_ptr<Connection> connection, std::shared_ptr<const std::atomic<bool>> gone);
  ~Answer() override;

  void send(HttpResponse response) override;
  void begin(HttpResponse head) override;
  bool write(std::string piece) override;
  bool offer(const std::shared_ptr<const std::string>& piece, std::size_t most_waiting) override;
  void end() override;

 private:
  enum class Stage : std::uint8_t { kNone, kBegun, kDone };
  // False: it is in another one.
  bool go(Stage from, Stage to) { return stage_.compare_exchange_strong(from, to); }

  const std::shared_ptr<Connection> connection_;
  const std::shared_ptr<const std::atomic<bool>> gone_;
  std::atomic<Stage> stage_{Stage::kNone};
};

}  // namespace saker::serve
