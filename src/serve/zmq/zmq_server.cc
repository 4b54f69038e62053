#include "serve/zmq/zmq_server.h"

#include <utility>

#include "serve/zmq/zmq_loop.h"

namespace saker::serve {
namespace {

// Frigate throws away what comes later than its time-out, 200 ms unless it is told otherwise; a slow model's user sets
// it higher.
constexpr std::chrono::seconds kWaits{2};

// The model whose name is the file's, with its extensions or without; another name is one that Frigate's configuration
// had to have, and means whatever is served.
Outcome<std::shared_ptr<ServedModel>> model_for(const Repository& repository, std::string name) {
  while (!name.empty()) {
    auto found = repository.find(name);
    if (std::holds_alternative<std::shared_ptr<ServedModel>>(found)) return found;
    const std::size_t dot = name.rfind('.');
    name.resize(dot == std::string::npos ? 0 : dot);
  }
  return repository.only();
}

void detect(const Repository& repository, const std::string& name, frigate::Picture picture, ZmqDetector::Done done) {
  auto found = model_for(repository, name);
  if (auto* const refusal = std::get_if<Refusal>(&found)) {
    done(std::move(*refusal));
    return;
  }
  const auto model = std::get<std::shared_ptr<ServedModel>>(found);
  PictureRequest request;
  request.bytes = std::move(picture.file);
  request.name = "tensor";
  request.boxes = model->boxes();
  request.boxes.max_det = std::min(request.boxes.max_det, frigate::kRows);
  JobOptions job;
  job.deadline = std::chrono::steady_clock::now() + kWaits;
  model->detect(std::move(request), job, [done = std::move(done)](Outcome<PictureAnswer> answer) {
    if (auto* const refusal = std::get_if<Refusal>(&answer)) {
      done(std::move(*refusal));
    } else {
      done(std::move(std::get<PictureAnswer>(answer).boxes));
    }
  });
}

}  // namespace

Result<std::unique_ptr<ZmqServer>> ZmqServer::start(const std::string& endpoint, Repository& repository,
                                                    MetricRegistry& metrics) {
  ZmqDetector detector;
  detector.ready = [&repository](const std::string& name) {
    const auto found = model_for(repository, name);
    const auto* const model = std::get_if<std::shared_ptr<ServedModel>>(&found);
    return model != nullptr && (*model)->spec() != nullptr;
  };
  detector.detect = [&repository](const std::string& name, frigate::Picture picture, ZmqDetector::Done done) {
    detect(repository, name, std::move(picture), std::move(done));
  };
  return start_zmq_loop(endpoint, std::move(detector), metrics);
}

}  // namespace saker::serve
