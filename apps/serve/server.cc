#include "server.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/clock.h"
#include "base/cpu.h"
#include "base/try.h"
#include "base/usable_cpus.h"
#include "base/version.h"
#include "serve/listen_address.h"
#include "serve/process_metrics.h"
#include "video/video.h"

namespace saker::cli {
namespace {

using serve::Time;

void add_own_metrics(serve::MetricRegistry& metrics, const serve::Log& log, const Shape& shape) {
  serve::add_process_metrics(metrics);
  metrics.gauge("saker_build_info", "What runs, as labels.",
                {{"version", version()}, {"commit", commit()}, {"isa", isa_name(best_isa())}}, [] { return 1.0; });
  const auto fixed = [](int value) { return [value] { return static_cast<double>(value); }; };
  metrics.gauge("saker_workers", "Batches that can run at a time.", {}, fixed(shape.streams));
  metrics.gauge("saker_worker_threads", "Threads of each worker.", {}, fixed(shape.threads));
  metrics.counter("saker_log_records_dropped_total", "Records that came faster than they could be written.", {},
                  [&log] { return static_cast<double>(log.dropped()); });
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(const serve::Settings& settings, serve::Log& log) {
  std::unique_ptr<Server> server(new Server(settings, log));
  if (!settings.cameras.empty()) SAKER_TRY(server->load_video());
  SAKER_ASSIGN(const Shape shape, choose_shape(settings, log));
  log.info(
      fmt::format("{} at a time x {} threads x {} pictures: {}", shape.streams, shape.threads, shape.batch, shape.why));
  add_own_metrics(server->metrics_, log, shape);
  server->scheduler_ = std::make_unique<serve::Scheduler>(shape.streams);
  SAKER_TRY(server->load_models(shape));
  SAKER_TRY(server->listen());
  return server;
}

Status Server::load_models(const Shape& shape) {
  SAKER_ASSIGN(serve::RepositoryOptions options, repository_options(settings_));
  options.defaults.session.threads = shape.threads;
  options.defaults.lane.max_batch = shape.batch;
  repository_ = std::make_unique<serve::Repository>(options, *scheduler_, &metrics_);
  const Stopwatch watch;
  const Status status = repository_->load_all();
  for (const auto& [name, path] : options.files) {
    if (std::holds_alternative<serve::Refusal>(repository_->find(name)))
      return status.ok() ? Error{ErrorCode::kInternal, name + ": not loaded"} : status.error();
  }
  const auto ready = repository_->ready();
  if (!status.ok() && ready.empty()) return status.error();
  if (!status.ok()) log_.error(status.error().message);
  for (const auto& model : ready) {
    log_.info(fmt::format("serves {} version {}", model->name(), model->version()),
              {{"file", model->model().path()},
               {"backend", model->backend()},
               {"max_batch", std::int64_t{model->max_batch()}}});
    if (model->spec() == nullptr) log_.warning(model->name() + " answers tensors only: " + model->no_detector());
  }
  log_.info("models are ready", {{"count", static_cast<std::int64_t>(ready.size())}, {"seconds", watch.ms() / 1000}});
  return {};
}

Status Server::listen() {
  SAKER_ASSIGN(serve::ApiOptions options, api_options(settings_));
  SAKER_TRY(find_cameras(options.cameras));
  api_ = std::make_unique<serve::Api>(options, *repository_, metrics_,
                                      [this](const serve::AccessRecord& record) { log_.access(record); });
  SAKER_ASSIGN(http_, serve::HttpServer::start(http_options(settings_), api_->handler(), &metrics_));
  if (!settings_.grpc.empty()) {
    SAKER_ASSIGN(grpc_, serve::GrpcServer::start(grpc_options(settings_), *api_));
    log_.info("speaks the Open Inference Protocol over gRPC", {{"address", grpc_->address()}});
  }
  if (!settings_.zmq.empty()) {
    SAKER_ASSIGN(zmq_, serve::ZmqServer::start(settings_.zmq, *repository_, metrics_));
    log_.info("speaks Frigate's ZeroMQ protocol", {{"endpoint", zmq_->endpoint()}});
  }
  warn_of_strangers(settings_.host);
  const auto grpc = serve::parse_listen_address(settings_.grpc);
  if (grpc.ok() && grpc->host != settings_.host) warn_of_strangers(grpc->host);
  return {};
}

void Server::warn_of_strangers(const std::string& host) const {
  if (settings_.token_file.empty() && !serve::is_local(host))
    log_.warning(fmt::format("who can reach {} may ask: --token-file asks for a token", host));
}

Status Server::load_video() {
  auto library = video::video_library();
  if (!library.ok()) return library.error().with_context("--camera");
  video_ = *library;
  return {};
}

// Whether their models are there, and what they need to run.
Status Server::find_cameras(serve::CamerasOptions& cameras) {
  if (cameras.cameras.empty()) return {};
  cameras.library = video_;
  cameras.tell = [this](const std::string& news) { log_.warning(news); };
  for (const serve::CameraOptions& camera : cameras.cameras) {
    const auto found = camera.model.empty() ? repository_->only() : repository_->find(camera.model);
    const auto* refusal = std::get_if<serve::Refusal>(&found);
    if (refusal != nullptr) log_.warning(fmt::format("camera {}: {}", camera.name, refusal->message));
  }
  log_.info("cameras can be watched",
            {{"count", static_cast<std::int64_t>(cameras.cameras.size())}, {"reads", video_->version()}});
  return {};
}

std::string Server::url() const {
  const bool everywhere = settings_.host == "0.0.0.0" || settings_.host == "::";
  std::string host = everywhere ? "127.0.0.1" : settings_.host;
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return fmt::format("http{}://{}:{}", settings_.tls_cert.empty() ? "" : "s", host, http_->port());
}

void Server::reload() {
  const auto read = [](const std::string& path) {
    return path.empty() ? Result<std::string>(std::string()) : serve::read_token(path);
  };
  if (!settings_.token_file.empty() || !settings_.admin_token_file.empty()) {
    const Result<std::string> token = read(settings_.token_file), admin = read(settings_.admin_token_file);
    if (token.ok() && admin.ok()) {
      api_->set_tokens(*token, *admin);
      log_.info("read the tokens again");
    } else {
      log_.error("the tokens stay as they were: " + (token.ok() ? admin : token).error().message);
    }
  }
  if (settings_.tls_cert.empty()) return;
  if (const Status status = http_->reload_certificate(); !status.ok()) {
    log_.error("the certificate stays as it was: " + status.error().message);
  } else {
    log_.info("read the certificate again");
  }
}

void Server::drain() {
  const Time until = std::chrono::steady_clock::now() +
                     std::chrono::duration_cast<serve::Duration>(std::chrono::duration<double>(settings_.drain_s));
  api_->begin_drain();
  zmq_.reset();
  const std::chrono::milliseconds grace(static_cast<std::int64_t>(settings_.drain_s * 1000));
  std::thread grpc;  // both at a time: each may take as long as it may
  if (grpc_) grpc = std::thread([&] { grpc_->stop(grace); });
  http_->stop(grace);
  if (grpc.joinable()) grpc.join();
  repository_->drain_all(until);
  scheduler_->stop(until);
}

Server::~Server() {
  // Nothing may ask any more when what answers goes.
  zmq_.reset();
  grpc_.reset();
  http_.reset();
  api_.reset();
  repository_.reset();
  scheduler_.reset();
}

}  // namespace saker::cli
