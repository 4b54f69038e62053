#include "serve/zmq/zmq_loop.h"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "base/descriptor.h"
#include "base/text.h"
#include "base/try.h"
#include "serve/zmq/zmq_library.h"

namespace saker::serve {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kKept = 6;  // frames of a message: who, an empty one, and what it says; more are read past
constexpr std::size_t kClients = 1024;
constexpr int kBatch = 64;  // messages between two looks at what is to be sent

// A client's name for itself and an empty frame, as ZeroMQ's request sockets expect them before an answer.
struct Answer {
  std::string client;
  std::vector<std::string> frames;
};

// Answers on their way from the workers to the loop's thread, which alone may touch the socket. Callbacks own a share
// of it: they may come when the server has gone.
class Outbox {
 public:
  Outbox() : wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

  int wake_descriptor() const { return wake_.get(); }
  void put(Answer answer) {
    {
      const std::scoped_lock lock(mutex_);
      answers_.push_back(std::move(answer));
    }
    wake();
  }
  void wake() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = write(wake_.get(), &one, sizeof(one));  // full: it is awake anyway
  }
  std::vector<Answer> take() {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = read(wake_.get(), &count, sizeof(count));
    const std::scoped_lock lock(mutex_);
    return std::exchange(answers_, {});
  }

 private:
  const Descriptor wake_;
  std::mutex mutex_;
  std::vector<Answer> answers_;
};

// A message that libzmq keeps.
class Part {
 public:
  explicit Part(const ZmqLibrary& zmq) : zmq_(zmq) { zmq_.msg_init(&message_); }
  ~Part() { zmq_.msg_close(&message_); }
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;

  bool receive(void* socket, int flags) { return zmq_.msg_recv(&message_, socket, flags) >= 0; }
  bool more() { return zmq_.msg_more(&message_) != 0; }
  std::string_view bytes() { return {static_cast<const char*>(zmq_.msg_data(&message_)), zmq_.msg_size(&message_)}; }

 private:
  const ZmqLibrary& zmq_;
  zmq_msg_t message_;
};

class Loop : public ZmqServer {
 public:
  Loop(const ZmqLibrary& zmq, ZmqDetector detector, MetricRegistry& metrics, const ZmqLoopOptions& options)
      : zmq_(zmq), detector_(std::move(detector)), options_(options), counters_(metrics) {}
  ~Loop() override {
    if (thread_.joinable()) {
      stopping_ = true;
      outbox_->wake();
      thread_.join();
    }
    if (socket_ != nullptr) zmq_.close(socket_);
    if (context_ != nullptr) zmq_.ctx_term(context_);
  }

  Status bind(const std::string& endpoint);
  const std::string& endpoint() const override { return endpoint_; }

 private:
  struct Counters {
    explicit Counters(MetricRegistry& metrics)
        : answered(of(metrics, "answered")),
          refused(of(metrics, "refused")),
          malformed(of(metrics, "malformed")),
          questions(of(metrics, "model")) {}
    static Counter& of(MetricRegistry& metrics, const char* outcome) {
      return metrics.counter("saker_zmq_messages_total", "Messages of ZeroMQ clients, by what became of them",
                             {{"outcome", outcome}});
    }
    Counter &answered, &refused, &malformed, &questions;
  };
  struct Question {
    std::string client, model;
    Clock::time_point until;
  };

  void run();
  bool receive();  // false: nothing there
  void handle(std::string client, std::span<const std::string_view> frames);
  void ask(std::string client, frigate::Picture picture);
  void answer_questions();
  void send(const Answer& answer);
  void remember(const std::string& client, const std::string& model);
  template <typename Value>
  void set(int option, Value value) {
    zmq_.setsockopt(socket_, option, &value, sizeof(value));
  }

  const ZmqLibrary& zmq_;
  const ZmqDetector detector_;
  const ZmqLoopOptions options_;
  Counters counters_;
  const std::shared_ptr<Outbox> outbox_ = std::make_shared<Outbox>();
  void* context_ = nullptr;
  void* socket_ = nullptr;
  std::string endpoint_;
  std::atomic<bool> stopping_ = false;
  std::vector<Question> questions_;  // that wait for a model
  // The model that a client asked for, of the newest clients: nothing tells when one has gone.
  std::map<std::string, std::string> models_;
  std::deque<std::string> order_;
  std::thread thread_;
};

Status Loop::bind(const std::string& endpoint) {
  context_ = zmq_.ctx_new();
  socket_ = context_ == nullptr ? nullptr : zmq_.socket(context_, ZMQ_ROUTER);
  if (socket_ == nullptr || outbox_->wake_descriptor() < 0) {
    return Error{ErrorCode::kIo, fmt::format("ZeroMQ: no socket ({})", zmq_.strerror(errno))};
  }
  set<std::int64_t>(ZMQ_MAXMSGSIZE, static_cast<std::int64_t>(options_.max_message));
  set<int>(ZMQ_RCVHWM, 16);  // of each client, which sends one at a time
  set<int>(ZMQ_SNDHWM, 64);
  set<int>(ZMQ_LINGER, 0);
  set<int>(ZMQ_IPV6, 1);
  set<int>(ZMQ_TCP_KEEPALIVE, 1);
  if (zmq_.bind(socket_, endpoint.c_str()) != 0) {
    const int why = errno;
    const bool unknown = why == EINVAL || why == EPROTONOSUPPORT || why == ENOCOMPATPROTO;
    return Error{unknown ? ErrorCode::kInvalid : ErrorCode::kIo,
                 fmt::format("ZeroMQ endpoint {}: {}; write it as tcp://127.0.0.1:5555 or ipc:///FOLDER/NAME, the "
                             "folder being there",
                             printable_name(endpoint), zmq_.strerror(why))};
  }
  std::array<char, 512> bound = {};
  std::size_t size = bound.size();
  endpoint_ = zmq_.getsockopt(socket_, ZMQ_LAST_ENDPOINT, bound.data(), &size) == 0 ? bound.data() : endpoint;
  thread_ = std::thread([this] { run(); });
  return {};
}

void Loop::run() {
  constexpr long kLook = 100;  // milliseconds between two looks for a model that is being loaded
  while (!stopping_) {
    std::array<zmq_pollitem_t, 2> items = {zmq_pollitem_t{socket_, 0, ZMQ_POLLIN, 0},
                                           zmq_pollitem_t{nullptr, outbox_->wake_descriptor(), ZMQ_POLLIN, 0}};
    if (zmq_.poll(items.data(), static_cast<int>(items.size()), questions_.empty() ? -1 : kLook) < 0 &&
        errno != EINTR) {
      return;
    }
    for (int i = 0; i < kBatch && receive(); ++i) {
    }
    for (const Answer& answer : outbox_->take()) send(answer);
    answer_questions();
  }
}

// The first frame is the client's name, then comes an empty one; without it there is nobody who could be answered, and
// nothing happens, as with ZeroMQ's own reply sockets.
bool Loop::receive() {
  std::deque<Part> parts;
  bool more = true;
  std::size_t count = 0;
  for (; more; ++count) {
    Part& part = parts.emplace_back(zmq_);
    if (!part.receive(socket_, ZMQ_DONTWAIT)) return false;
    more = part.more();
    if (parts.size() > kKept) parts.pop_back();
  }
  std::vector<std::string_view> frames;
  for (Part& part : parts) frames.push_back(part.bytes());
  if (count < 3 || !frames[1].empty()) {
    counters_.malformed.add();
    return true;
  }
  handle(std::string(frames[0]), std::span(frames).subspan(2));
  return true;
}

void Loop::handle(std::string client, std::span<const std::string_view> frames) {
  frigate::Message message = frigate::read_message(frames);
  if (auto* const picture = std::get_if<frigate::Picture>(&message)) {
    ask(std::move(client), std::move(*picture));
  } else if (auto* const question = std::get_if<frigate::ModelQuestion>(&message)) {
    counters_.questions.add();
    remember(client, question->name);
    if (questions_.size() >= kClients) questions_.erase(questions_.begin());
    questions_.push_back({std::move(client), std::move(question->name), Clock::now() + options_.patience});
  } else if (std::holds_alternative<frigate::ModelFile>(message)) {
    counters_.questions.add();
    send({std::move(client), {frigate::answer_model_file()}});
  } else {
    counters_.malformed.add();
    const auto [header, rows] = frigate::answer_picture({}, {}, std::get<frigate::Malformed>(message).why);
    send({std::move(client), {header, rows}});
  }
}

void Loop::ask(std::string client, frigate::Picture picture) {
  const auto known = models_.find(client);
  const std::string model = known == models_.end() ? std::string() : known->second;
  const ImageSize size = picture.size;
  // The counters are the registry's and outlive the models, whose workers call this.
  detector_.detect(model, std::move(picture),
                   [outbox = outbox_, client = std::move(client), size, answered = &counters_.answered,
                    refused = &counters_.refused](Outcome<std::vector<Detection>> outcome) {
                     const auto* const refusal = std::get_if<Refusal>(&outcome);
                     (refusal == nullptr ? answered : refused)->add();
                     const auto* const boxes = std::get_if<std::vector<Detection>>(&outcome);
                     auto [header, rows] = frigate::answer_picture(
                         boxes == nullptr ? std::span<const Detection>() : std::span<const Detection>(*boxes), size,
                         refusal == nullptr ? std::string_view() : std::string_view(refusal->message));
                     outbox->put({client, {std::move(header), std::move(rows)}});
                   });
}

void Loop::answer_questions() {
  std::erase_if(questions_, [&](const Question& question) {
    const bool ready = detector_.ready(question.model);
    if (!ready && Clock::now() < question.until) return false;
    send({question.client, {frigate::answer_question(ready)}});
    return true;
  });
}

// A client that has gone, or does not read, gets nothing: ZMQ_DONTWAIT.
void Loop::send(const Answer& answer) {
  const auto part = [&](const std::string& bytes, int more) {
    return zmq_.send(socket_, bytes.data(), bytes.size(), more | ZMQ_DONTWAIT) >= 0;
  };
  if (!part(answer.client, ZMQ_SNDMORE) || !part({}, ZMQ_SNDMORE)) return;
  for (std::size_t i = 0; i < answer.frames.size(); ++i) {
    if (!part(answer.frames[i], i + 1 < answer.frames.size() ? ZMQ_SNDMORE : 0)) return;
  }
}

void Loop::remember(const std::string& client, const std::string& model) {
  if (models_.insert_or_assign(client, model).second) order_.push_back(client);
  if (order_.size() <= kClients) return;
  models_.erase(order_.front());
  order_.pop_front();
}

}  // namespace

Result<std::unique_ptr<ZmqServer>> start_zmq_loop(const std::string& endpoint, ZmqDetector detector,
                                                  MetricRegistry& metrics, const ZmqLoopOptions& options) {
  SAKER_ASSIGN(const ZmqLibrary* const zmq, ZmqLibrary::get());
  auto loop = std::make_unique<Loop>(*zmq, std::move(detector), metrics, options);
  SAKER_TRY(loop->bind(endpoint));
  return std::unique_ptr<ZmqServer>(std::move(loop));
}

}  // namespace saker::serve
