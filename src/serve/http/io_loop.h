// A thread that waits for the network, and the connections that are its own: everything of theirs happens on it.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <utility>

namespace saker::serve {

class Connection;

class IoLoop {
 public:
  // Deadlines are looked at so often.
  explicit IoLoop(std::chrono::milliseconds sweep_period);
  ~IoLoop();
  IoLoop(const IoLoop&) = delete;
  IoLoop& operator=(const IoLoop&) = delete;

  void start();
  // Returns when everything that was begun on it is over; what is run() later is not.
  void finish();

  boost::asio::io_context& context() { return context_; }
  bool here() const { return std::this_thread::get_id() == thread_id_; }

  // On its thread: now, if this is it, or soon.
  template <typename Function>
  void run(Function&& function) {
    if (here()) {
      std::forward<Function>(function)();
      return;
    }
    const std::lock_guard lock(mutex_);
    if (!ended_) boost::asio::post(context_, std::forward<Function>(function));
  }

  // On its thread. It keeps them until they are removed.
  void add(std::shared_ptr<Connection> connection);
  void remove(const std::shared_ptr<Connection>& connection);
  void for_each(const std::function<void(Connection&)>& function);

 private:
  void work();
  void sweep();

  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
  boost::asio::steady_timer timer_;
  const std::chrono::milliseconds period_;
  bool sweeping_ = false;
  std::unordered_set<std::shared_ptr<Connection>> connections_;
  std::mutex mutex_;
  bool ended_ = false;
  std::thread thread_;
  std::atomic<std::thread::id> thread_id_{};
};

}  // namespace saker::serve
