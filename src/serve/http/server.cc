#include "serve/http/server.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <future>
#include <utility>
#include <vector>

#include "base/try.h"
#include "serve/http/connection.h"
#include "serve/http/io_loop.h"
#include "serve/http/server_core.h"
#include "serve/http/tls.h"

namespace saker::serve {
namespace {

using namespace std::chrono_literals;
using net::ip::tcp;

std::string in_brackets(const net::ip::address& address) {
  return address.is_v6() ? fmt::format("[{}]", address.to_string()) : address.to_string();
}

// A quarter of the shortest time-out, so that none is late by much.
std::chrono::milliseconds sweep_period(const HttpOptions& options) {
  const auto shortest =
      std::min({options.header_timeout, options.body_timeout, options.idle_timeout, options.write_timeout});
  return std::clamp(shortest / 4, 10ms, 250ms);
}

class Server final : public HttpServer {
 public:
  Server(const HttpOptions& options, Handler handler, MetricRegistry* metrics, std::unique_ptr<Tls> tls)
      : core_(std::make_shared<ServerCore>(options, std::move(handler), metrics)), tls_(std::move(tls)) {
    for (int i = 0; i < std::max(options.threads, 1); ++i)
      loops_.push_back(std::make_shared<IoLoop>(sweep_period(options)));
  }
  ~Server() override { stop(0ms); }

  Status listen();
  std::uint16_t port() const override { return port_; }
  int connections() const override { return core_->open->load(); }
  Status reload_certificate() override;
  void stop(std::chrono::milliseconds grace) override;

 private:
  std::shared_ptr<Tls> tls() {
    const std::lock_guard lock(tls_mutex_);
    return tls_;
  }
  void accept();
  void on_accepted(error_code error, tcp::socket socket, std::size_t loop);
  void take(tcp::socket socket, std::size_t loop);
  void take_waiting();
  void on_all(const std::function<void(Connection&)>& function);

  const std::shared_ptr<ServerCore> core_;
  std::mutex tls_mutex_;
  std::shared_ptr<Tls> tls_;  // null: in the clear
  std::vector<std::shared_ptr<IoLoop>> loops_;
  // On the first loop.
  std::optional<tcp::acceptor> acceptor_;
  std::optional<net::steady_timer> retry_;
  std::size_t next_loop_ = 0;

  std::uint16_t port_ = 0;
  std::mutex stopping_;
  bool listening_ = false, stopped_ = false;
};

Status Server::listen() {
  const HttpOptions& options = core_->options;
  const auto failed = [&](const char* what, const error_code& error) {
    return Error{ErrorCode::kIo,
                 fmt::format("{} port {}: {}: {}", options.address, options.port, what, error.message())};
  };
  error_code error;
  const auto address = net::ip::make_address(options.address, error);
  if (error) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("{}: is no address to listen at: give one of this machine's in numbers, such as 127.0.0.1 "
                             "(this machine alone), 0.0.0.0 or :: (all networks)",
                             options.address)};
  }
  const tcp::endpoint endpoint(address, options.port);
  tcp::acceptor& acceptor = acceptor_.emplace(loops_[0]->context());
  retry_.emplace(loops_[0]->context());
  acceptor.open(endpoint.protocol(), error);
  if (error) return failed("cannot be opened", error);
  acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  acceptor.bind(endpoint, error);
  if (error == net::error::address_in_use)
    return Error{ErrorCode::kIo,
                 fmt::format("{} port {} is taken by another program: stop that one, or choose another port",
                             options.address, options.port)};
  if (error) return failed("cannot listen there", error);
  acceptor.listen(net::socket_base::max_listen_connections, error);
  if (error) return failed("cannot listen there", error);
  acceptor.non_blocking(true, error);
  port_ = acceptor.local_endpoint(error).port();
  for (const auto& loop : loops_) loop->start();
  listening_ = true;
  loops_[0]->run([this] { accept(); });
  return {};
}

void Server::accept() {
  const std::size_t loop = next_loop_++ % loops_.size();
  acceptor_->async_accept(loops_[loop]->context(), [this, loop](error_code error, tcp::socket socket) {
    on_accepted(error, std::move(socket), loop);
  });
}

void Server::on_accepted(error_code error, tcp::socket socket, std::size_t loop) {
  if (!acceptor_->is_open()) {
    if (!error) take(std::move(socket), loop);
    return;
  }
  if (!error) {
    take(std::move(socket), loop);
    accept();
    return;
  }
  if (error == net::error::connection_aborted) {
    accept();
    return;
  }
  // No descriptors or no memory: those who wait do so in the system's queue until some are free.
  core_->metrics.accept_failed();
  retry_->expires_after(100ms);
  retry_->async_wait([this](error_code cancelled) {
    if (!cancelled && acceptor_->is_open()) accept();
  });
}

void Server::take(tcp::socket socket, std::size_t index) {
  error_code error;
  const tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) return;  // gone already
  socket.set_option(tcp::no_delay(true), error);
  const std::string address = peer.address().to_string();
  const auto admission = core_->admit(address);
  const bool open = admission == ServerCore::Admission::kOpen;
  const HttpLimit limit =
      admission == ServerCore::Admission::kPeerFull ? HttpLimit::kConnectionsPerPeer : HttpLimit::kConnections;
  if (admission == ServerCore::Admission::kNotEvenTold) {
    core_->metrics.limit(limit);
    return;
  }
  // Who may not be is told so in the clear: with TLS it would take a handshake, which costs more than an answer.
  const std::shared_ptr<Tls> tls = this->tls();
  auto wire = tls && open ? tls->make_wire(std::move(socket)) : make_plain_wire(std::move(socket));
  const std::shared_ptr<IoLoop>& loop = loops_[index];
  auto connection = std::make_shared<Connection>(core_, loop, std::move(wire), address,
                                                 fmt::format("{}:{}", in_brackets(peer.address()), peer.port()));
  loop->run([connection = std::move(connection), open, limit] {
    if (open) {
      connection->start();
    } else {
      connection->start_refused(limit);
    }
  });
}

// Who has been taken by the system already, and believes to be connected.
void Server::take_waiting() {
  for (int i = 0; i < core_->options.max_connections; ++i) {
    const std::size_t loop = next_loop_++ % loops_.size();
    error_code error;
    tcp::socket socket(loops_[loop]->context());
    acceptor_->accept(socket, error);
    if (error) return;
    take(std::move(socket), loop);
  }
}

void Server::on_all(const std::function<void(Connection&)>& function) {
  for (const auto& loop : loops_) loop->run([loop = loop.get(), function] { loop->for_each(function); });
}

Status Server::reload_certificate() {
  if (tls() == nullptr) return {};
  SAKER_ASSIGN(std::unique_ptr<Tls> fresh, Tls::make(core_->options.certificate, core_->options.key));
  const std::lock_guard lock(tls_mutex_);
  tls_ = std::move(fresh);
  return {};
}

void Server::stop(std::chrono::milliseconds grace) {
  const std::lock_guard lock(stopping_);
  if (std::exchange(stopped_, true) || !listening_) return;
  const auto until = std::chrono::steady_clock::now() + grace;
  std::promise<void> closed;
  loops_[0]->run([&] {
    if (grace > 0ms) take_waiting();
    error_code ignored;
    acceptor_->close(ignored);
    retry_->cancel();
    closed.set_value();
  });
  closed.get_future().wait();
  core_->draining = true;
  if (grace > 0ms) {
    on_all([](Connection& connection) { connection.drain(); });
    const auto left = until - std::chrono::steady_clock::now();
    core_->wait_until_closed(std::chrono::duration_cast<std::chrono::milliseconds>(std::max(left, {})));
  }
  core_->ending = true;
  on_all([](Connection& connection) { connection.abort(); });
  for (const auto& loop : loops_) loop->finish();
  core_->handler = nullptr;
}

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpOptions& options, Handler handler,
                                                      MetricRegistry* metrics) {
  std::unique_ptr<Tls> tls;
  if (!options.certificate.empty() || !options.key.empty()) {
    SAKER_ASSIGN(tls, Tls::make(options.certificate, options.key));
  }
  auto server = std::make_unique<Server>(options, std::move(handler), metrics, std::move(tls));
  SAKER_TRY(server->listen());
  return std::unique_ptr<HttpServer>(std::move(server));
}

}  // namespace saker::serve
