#include "serve/loadtest/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <cmath>
#include <deque>
#include <memory>
#include <utility>

#include "base/random.h"
#include "base/try.h"

namespace saker::serve {
namespace {

namespace net = boost::asio;
using boost::system::error_code;
using Clock = HttpClient::Clock;
using Time = Clock::time_point;

constexpr std::size_t kMaxWaiting = 1'000'000;  // requests that found no connection
constexpr auto kTick = std::chrono::milliseconds(100);

double ms_between(Time from, Time to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

Clock::duration in_seconds(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

Result<net::ip::tcp::endpoint> resolve(net::io_context& context, const Url& url) {
  error_code error;
  net::ip::tcp::resolver resolver(context);
  const auto found = resolver.resolve(url.host, std::to_string(url.port), error);
  if (error || found.empty())
    return Error{ErrorCode::kNotFound, fmt::format("{}: there is no such host: {}", url.host, error.message())};
  // The first that takes a connection: localhost may be ::1 and 127.0.0.1, and the server at one of them.
  for (const auto& entry : found) {
    net::ip::tcp::socket socket(context);
    socket.connect(entry.endpoint(), error);
    if (!error) return entry.endpoint();
  }
  return Error{ErrorCode::kIo, fmt::format("http://{}: {}\nis the server running, and at this port?", url.authority(),
                                           error.message())};
}

class Load {
 public:
  Load(net::io_context& context, const LoadOptions& options, const LoadStage& stage, const LoadHooks& hooks,
       const net::ip::tcp::endpoint& server)
      : context_(context),
        options_(options),
        hooks_(hooks),
        server_(server),
        tick_(context),
        arrival_(context),
        draws_(options.seed),
        arrivals_(scrambled(options.seed)) {
    result_.stage = stage;
  }

  LoadResult run();

 private:
  bool open_loop() const { return result_.stage.rate > 0; }
  bool counted(Time intended) const { return intended >= count_from_ && intended < end_; }
  void start_client(Time intended);
  void send(const std::shared_ptr<HttpClient>& client, Time intended);
  void on_answer(const std::shared_ptr<HttpClient>& client, Time intended, const ClientAnswer& answer);
  void next_of(const std::shared_ptr<HttpClient>& client, bool failed);
  void plan_arrival();
  void wait_for_arrival();
  void arrive();
  void tick();

  net::io_context& context_;
  const LoadOptions& options_;
  const LoadHooks& hooks_;
  const net::ip::tcp::endpoint server_;
  net::steady_timer tick_, arrival_;
  PortableRandom draws_, arrivals_;
  Time begin_, count_from_, end_, next_arrival_;
  std::vector<std::shared_ptr<HttpClient>> clients_, idle_;
  std::deque<Time> waiting_;
  int in_flight_ = 0;
  LoadResult result_;
};

LoadResult Load::run() {
  begin_ = Clock::now();
  count_from_ = begin_ + in_seconds(options_.warmup_s);
  end_ = count_from_ + in_seconds(options_.duration_s);
  tick();
  if (open_loop()) {
    next_arrival_ = begin_;
    plan_arrival();
    wait_for_arrival();
  } else {
    for (int i = 0; i < result_.stage.concurrency; ++i) start_client(begin_);
  }
  context_.restart();
  context_.run();
  result_.seconds = std::max(0.0, ms_between(count_from_, std::min(end_, Clock::now())) / 1e3);
  result_.connections = static_cast<int>(clients_.size());
  std::ranges::sort(result_.ok_ms);
  std::ranges::sort(result_.overloaded_ms);
  std::ranges::sort(result_.lag_ms);
  return std::move(result_);
}

void Load::start_client(Time intended) {
  clients_.push_back(std::make_shared<HttpClient>(context_, server_));
  send(clients_.back(), intended);
}

void Load::send(const std::shared_ptr<HttpClient>& client, Time intended) {
  const Time now = Clock::now();
  if (counted(intended)) {
    ++result_.sent;
    result_.lag_ms.push_back(std::max(0.0, ms_between(intended, now)));
  }
  ++in_flight_;
  const PreparedRequest& request = options_.requests[draws_.below(options_.requests.size())];
  client->send(request, now + in_seconds(options_.timeout_s),
               [this, client, intended](const ClientAnswer& answer) { on_answer(client, intended, answer); });
}

void Load::on_answer(const std::shared_ptr<HttpClient>& client, Time intended, const ClientAnswer& answer) {
  --in_flight_;
  const Time now = Clock::now();
  const bool ok = answer.error == ClientError::kNone && answer.status / 100 == 2;
  if (ok && now >= count_from_ && now < end_) ++result_.completed;
  if (counted(intended)) {
    const double ms = ms_between(intended, now);
    if (answer.error != ClientError::kNone) ++result_.errors[static_cast<std::size_t>(answer.error)];
    if (answer.status > 0) ++result_.statuses[answer.status];
    if (ok) result_.ok_ms.push_back(ms);
    if (answer.status == 503) result_.overloaded_ms.push_back(ms);
    result_.bytes += answer.bytes;
  }
  next_of(client, answer.error == ClientError::kConnect);
}

void Load::next_of(const std::shared_ptr<HttpClient>& client, bool failed) {
  if (open_loop()) {
    if (waiting_.empty()) {
      idle_.push_back(client);
      return;
    }
    const Time intended = waiting_.front();
    waiting_.pop_front();
    send(client, intended);
    return;
  }
  if (Clock::now() >= end_) return;
  if (!failed) {
    send(client, Clock::now());
    return;
  }
  // Where nobody listens a client would ask again thousands of times a second.
  auto pause = std::make_shared<net::steady_timer>(context_, kTick);
  ++in_flight_;
  pause->async_wait([this, client, pause](error_code) {
    --in_flight_;
    if (Clock::now() < end_) send(client, Clock::now());
  });
}

void Load::plan_arrival() {
  next_arrival_ += in_seconds(-std::log1p(-arrivals_.between(0, 1)) / result_.stage.rate);
}

void Load::wait_for_arrival() {
  if (next_arrival_ >= end_) return;
  arrival_.expires_at(next_arrival_);
  arrival_.async_wait([this](error_code error) {
    if (!error) arrive();
  });
}

// Those whose time has come, which may be several.
void Load::arrive() {
  do {
    if (!idle_.empty()) {
      const auto client = idle_.back();
      idle_.pop_back();
      send(client, next_arrival_);
    } else if (static_cast<int>(clients_.size()) < options_.max_connections) {
      start_client(next_arrival_);
    } else if (waiting_.size() < kMaxWaiting) {
      waiting_.push_back(next_arrival_);
    }
    plan_arrival();
  } while (next_arrival_ < end_ && next_arrival_ <= Clock::now());
  wait_for_arrival();
}

void Load::tick() {
  const Time now = Clock::now();
  for (const auto& client : std::vector(clients_)) client->check(now);
  if (hooks_.progress) hooks_.progress(ms_between(begin_, now) / 1e3, result_);
  if (hooks_.stop && hooks_.stop() && now < end_) {
    result_.stopped = true;
    end_ = now;
    waiting_.clear();
    arrival_.cancel();
  }
  if (now >= end_ && in_flight_ == 0 && waiting_.empty()) {
    for (const auto& client : clients_) client->close();
    return;
  }
  tick_.expires_after(kTick);
  tick_.async_wait([this](error_code error) {
    if (!error) tick();
  });
}

}  // namespace

std::uint64_t LoadResult::failed() const {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : errors) sum += count;
  for (const auto& [status, count] : statuses) {
    if (status / 100 != 2 && status != 503) sum += count;
  }
  return sum;
}

Result<LoadResult> run_load(const LoadOptions& options, const LoadStage& stage, const LoadHooks& hooks) {
  net::io_context context(1);
  SAKER_ASSIGN(const auto server, resolve(context, options.url));
  return Load(context, options, stage, hooks, server).run();
}

}  // namespace saker::serve
