#include "serve/grpc/grpc_server.h"

#include <fmt/format.h>
#include <google/protobuf/stubs/common.h>
#include <grpc/impl/codegen/grpc_types.h>
#include <grpc/support/log.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <limits>
#include <mutex>
#include <thread>
#include <utility>

#include "base/files.h"
#include "base/try.h"
#include "serve/grpc/service.h"
#include "serve/listen_address.h"

namespace saker::serve {
namespace {

int as_int(std::size_t value) {
  return static_cast<int>(std::min<std::size_t>(value, std::numeric_limits<int>::max()));
}

int as_int(std::chrono::milliseconds time) {
  return as_int(static_cast<std::size_t>(std::max<std::int64_t>(time.count(), 1)));
}

Status checked_address(const std::string& address) {
  const auto parsed = parse_listen_address(address);
  return parsed.ok() ? Status() : parsed.error();
}

// gRPC and protobuf would write to stderr by themselves; what fails is told as an error, and calls are logged.
void silence() {
  static std::once_flag once;
  std::call_once(once, [] {
    gpr_set_log_function([](gpr_log_func_args*) {});
#if GOOGLE_PROTOBUF_VERSION < 4022000  // later ones log by Abseil
    google::protobuf::SetLogHandler(nullptr);
#endif
  });
}

Result<std::string> read_pem(const std::string& path) {
  constexpr std::size_t kLongest = 1 << 20;
  if (path.empty()) return Error{ErrorCode::kInvalid, "TLS takes both a certificate and its key"};
  SAKER_ASSIGN(const FileBytes file, read_named_file(path, kLongest));
  return std::string(reinterpret_cast<const char*>(file.data.get()), file.size);
}

Result<std::shared_ptr<grpc::ServerCredentials>> credentials_of(const GrpcOptions& options) {
  if (options.certificate.empty() && options.key.empty()) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions ssl(GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  SAKER_ASSIGN(std::string certificate, read_pem(options.certificate));
  SAKER_ASSIGN(std::string key, read_pem(options.key));
  ssl.pem_key_cert_pairs.push_back({std::move(key), std::move(certificate)});
  return grpc::SslServerCredentials(ssl);
}

void set_limits(grpc::ServerBuilder& builder, const GrpcOptions& options) {
  constexpr int kStreams = 1024;         // calls at a time of one connection
  constexpr int kPingInterval = 10'000;  // ms: clients may ask so often whether the server is there
  constexpr int kPingTimeout = 20'000;   // ms: connections whose client does not answer are closed
  builder.SetMaxReceiveMessageSize(as_int(options.max_message));
  builder.SetResourceQuota(grpc::ResourceQuota("saker").Resize(options.max_messages));
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, as_int(options.max_header));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreams);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, as_int(options.handshake_timeout));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, as_int(options.idle_timeout));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, as_int(options.idle_timeout));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kPingTimeout);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kPingInterval);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // a port in use is an error
  // Decompressed messages know no limit: a few bytes may be many.
  for (const auto algorithm : {GRPC_COMPRESS_DEFLATE, GRPC_COMPRESS_GZIP}) {
    builder.SetCompressionAlgorithmSupportStatus(algorithm, false);
  }
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
}

// gRPC cancels calls that come between its own end and the moment when the client hears of it, which looks as if the
// client itself had cancelled them. For so long they are told UNAVAILABLE before.
constexpr std::chrono::milliseconds kQuiet{250};

class Listening final : public GrpcServer {
 public:
  Listening(const GrpcOptions& options, std::shared_ptr<ApiContext> api)
      : address_(options.address),
        core_(std::make_shared<GrpcCore>(std::move(api), std::max(options.max_messages, 2 * options.max_message))),
        service_(make_service(core_)) {}
  ~Listening() override { stop(std::chrono::milliseconds(0)); }

  Status listen(const GrpcOptions& options) {
    SAKER_ASSIGN(const auto credentials, credentials_of(options));
    grpc::ServerBuilder builder;
    set_limits(builder, options);
    int port = 0;
    builder.AddListeningPort(address_, credentials, &port);
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port <= 0) {
      const bool tls = !options.certificate.empty();
      return Error{ErrorCode::kIo,
                   fmt::format("cannot listen for gRPC at {}: it is in use, no address of this machine{}", address_,
                               tls ? ", or certificate and key do not fit" : "")};
    }
    address_ = address_.substr(0, address_.rfind(':') + 1) + std::to_string(port);
    return {};
  }

  const std::string& address() const override { return address_; }

  void stop(std::chrono::milliseconds grace) override {
    const std::lock_guard lock(mutex_);
    if (server_ == nullptr) return;
    const auto until = std::chrono::system_clock::now() + grace;
    core_->ending = true;
    std::this_thread::sleep_for(std::min<std::chrono::milliseconds>(grace, kQuiet));
    server_->Shutdown(until);
    server_.reset();
  }

 private:
  std::string address_;
  std::shared_ptr<GrpcCore> core_;
  std::unique_ptr<grpc::Service> service_;
  std::mutex mutex_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

Result<std::unique_ptr<GrpcServer>> GrpcServer::start(const GrpcOptions& options, Api& api) {
  silence();
  SAKER_TRY(checked_address(options.address));
  auto server = std::make_unique<Listening>(options, api.context());
  SAKER_TRY(server->listen(options));
  return std::unique_ptr<GrpcServer>(std::move(server));
}

}  // namespace saker::serve
