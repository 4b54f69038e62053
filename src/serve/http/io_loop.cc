#include "serve/http/io_loop.h"

#include <vector>

#include "serve/http/connection.h"

namespace saker::serve {

IoLoop::IoLoop(std::chrono::milliseconds sweep_period)
    : guard_(context_.get_executor()), timer_(context_), period_(sweep_period) {}

IoLoop::~IoLoop() {
  finish();
}

void IoLoop::start() {
  thread_ = std::thread([this] { work(); });
}

void IoLoop::finish() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    boost::asio::post(context_, [this] { timer_.cancel(); });
  }
  guard_.reset();
  thread_.join();
}

void IoLoop::work() {
  thread_id_ = std::this_thread::get_id();
  while (true) {
    try {
      context_.run();
      thread_id_ = std::thread::id();
      return;
    } catch (...) {
      // Without memory a connection may fail to go on; its deadline ends it.
    }
  }
}

void IoLoop::add(std::shared_ptr<Connection> connection) {
  connections_.insert(std::move(connection));
  if (!sweeping_) sweep();
}

void IoLoop::remove(const std::shared_ptr<Connection>& connection) {
  connections_.erase(connection);
}

void IoLoop::for_each(const std::function<void(Connection&)>& function) {
  // A copy: they may be removed meanwhile.
  const std::vector<std::shared_ptr<Connection>> all(connections_.begin(), connections_.end());
  for (const auto& connection : all) function(*connection);
}

void IoLoop::sweep() {
  sweeping_ = !connections_.empty();
  if (!sweeping_) return;
  timer_.expires_after(period_);
  timer_.async_wait([this](boost::system::error_code error) {
    if (error) {
      sweeping_ = false;
      return;
    }
    const auto now = std::chrono::steady_clock::now();
    for_each([now](Connection& connection) { connection.check_deadlines(now); });
    sweep();
  });
}

}  // namespace saker::serve
