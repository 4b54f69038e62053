#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "serve/http/certificate_testing.h"
#include "serve/http/server_testing.h"
#include "support/temp_folder.h"

namespace saker::serve {
namespace {

using namespace std::chrono_literals;

class TlsClient {
 public:
  // `protocols`: as ALPN writes them, "\x08http/1.1"; empty: it offers none.
  explicit TlsClient(std::uint16_t port, int newest = 0, std::string_view protocols = "") : tcp_(port) {
    context_ = SSL_CTX_new(TLS_client_method());
    if (newest != 0) {
      SSL_CTX_set_min_proto_version(context_, newest);
      SSL_CTX_set_max_proto_version(context_, newest);
      SSL_CTX_set_security_level(context_, 0);
    }
    ssl_ = SSL_new(context_);
    if (!protocols.empty()) {
      SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(protocols.data()),
                          static_cast<unsigned int>(protocols.size()));
    }
    SSL_set_fd(ssl_, tcp_.descriptor());
    connected_ = SSL_connect(ssl_) == 1;
  }
  ~TlsClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  bool connected() const { return connected_; }
  std::string version() const { return SSL_get_version(ssl_); }
  std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned int size = 0;
    SSL_get0_alpn_selected(ssl_, &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }
  // Of the server, as a digest.
  std::string certificate() const {
    X509* const x509 = SSL_get1_peer_certificate(ssl_);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    X509_digest(x509, EVP_sha256(), digest, &size);
    X509_free(x509);
    return {reinterpret_cast<const char*>(digest), size};
  }
  bool send(std::string_view bytes) {
    return SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(bytes.size());
  }
  // Bytes until there are so many, or the end.
  std::string read(std::size_t wanted) {
    std::string read;
    char bytes[16384];
    while (read.size() < wanted) {
      const int n = SSL_read(ssl_, bytes, static_cast<int>(std::min(sizeof bytes, wanted - read.size())));
      if (n <= 0) break;
      read.append(bytes, static_cast<std::size_t>(n));
    }
    return read;
  }
  std::string read_all() { return read(SIZE_MAX); }
  // Whether the end was said, so that nobody can have cut off the answer.
  bool ended_in_order() const { return (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0; }

 private:
  RawClient tcp_;
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
  bool connected_ = false;
};

class HttpTls : public testing::Test {
 protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets that the other side has closed
    write_pair(path("cert.pem"), path("key.pem"));
    options_ = local();
    options_.certificate = path("cert.pem");
    options_.key = path("key.pem");
  }
  std::string path(const std::string& name) const { return folder_.path(name); }

  test::TempFolder folder_;
  HttpOptions options_;
};

TEST_F(HttpTls, AnswersOverTls12And13) {
  const auto server = start(options_, echo);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(server->port(), version, "\x02h2\x08http/1.1");
    ASSERT_TRUE(client.connected());
    EXPECT_EQ(client.version(), version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3");
    EXPECT_EQ(client.protocol(), "http/1.1");
    ASSERT_TRUE(client.send(get("/a")));
    ASSERT_TRUE(client.send(post(std::string(200'000, 'b'), "Connection: close\r\n")));
    const std::string all = client.read_all();
    EXPECT_NE(all.find("GET /a "), std::string::npos);
    EXPECT_TRUE(all.ends_with("POST / " + std::string(200'000, 'b')));
    EXPECT_TRUE(client.ended_in_order());
  }
}

TEST_F(HttpTls, RefusesWhatIsTooOldOrNoHttp11) {
  const auto server = start(options_, echo);
  EXPECT_FALSE(TlsClient(server->port(), TLS1_1_VERSION).connected());
  EXPECT_FALSE(TlsClient(server->port(), 0, "\x02h2").connected());
  RawClient plain(server->port());
  plain.send(get("/"));
  EXPECT_FALSE(plain.response());
  EXPECT_TRUE(TlsClient(server->port()).connected());
}

TEST_F(HttpTls, RefusalsArriveAlthoughMoreComes) {
  options_.max_body = 1000;
  const auto server = start(options_, echo);
  TlsClient client(server->port());
  ASSERT_TRUE(client.connected());
  client.send(post(std::string(500'000, 'b')));
  EXPECT_TRUE(client.read_all().starts_with("HTTP/1.1 413 "));
}

TEST_F(HttpTls, HandshakesAreNotWaitedForLonger) {
  options_.header_timeout = 150ms;
  const auto server = start(options_, echo);
  RawClient silent(server->port());
  EXPECT_TRUE(silent.ended());
  RawClient halfway(server->port());
  halfway.send("\x16\x03\x01\x02");
  EXPECT_TRUE(halfway.ended());
}

TEST_F(HttpTls, StopsInOrder) {
  Held held;
  const auto server = start(options_, held.handler());
  TlsClient client(server->port());
  ASSERT_TRUE(client.send(get("/")));
  ASSERT_TRUE(comes_true([&] { return held.count() == 1; }));
  std::thread stop([&] { server->stop(60s); });
  held.take().second->send(text("done"));
  EXPECT_TRUE(client.read_all().ends_with("done"));
  EXPECT_TRUE(client.ended_in_order());
  stop.join();
}

TEST_F(HttpTls, CertificatesAreExchangedWhileItRuns) {
  const auto server = start(options_, echo);
  TlsClient before(server->port());
  ASSERT_TRUE(before.connected());
  write_pair(path("cert.pem"), path("key.pem"));
  EXPECT_EQ(TlsClient(server->port()).certificate(), before.certificate()) << "nobody has said so";
  ASSERT_TRUE(server->reload_certificate().ok());
  TlsClient after(server->port());
  ASSERT_TRUE(after.connected());
  EXPECT_NE(after.certificate(), before.certificate());
  ASSERT_TRUE(before.send(get("/old", "Connection: close\r\n")));
  EXPECT_TRUE(before.read_all().ends_with("GET /old ")) << "connections that there are go on";
  write_pair(path("cert.pem"), path("other_key.pem"));  // a key of another one
  EXPECT_FALSE(server->reload_certificate().ok());
  EXPECT_EQ(TlsClient(server->port()).certificate(), after.certificate()) << "the good one stays";
  const auto plain = start(local(), echo);
  EXPECT_TRUE(plain->reload_certificate().ok());
}

TEST_F(HttpTls, SaysWhatIsWrongWithItsFiles) {
  const auto error = [&](const std::string& certificate, const std::string& key) {
    options_.certificate = certificate;
    options_.key = key;
    const auto server = HttpServer::start(options_, echo, nullptr);
    return server.ok() ? Error{ErrorCode::kInternal, "none"} : server.error();
  };
  EXPECT_EQ(error(path("none.pem"), path("key.pem")).code, ErrorCode::kIo);
  EXPECT_NE(error(path("none.pem"), path("key.pem")).message.find("none.pem"), std::string::npos);
  EXPECT_EQ(error(path("cert.pem"), "").code, ErrorCode::kInvalid);
  EXPECT_EQ(error(path("key.pem"), path("key.pem")).code, ErrorCode::kIo) << "a key is no certificate";
  EXPECT_EQ(error(path("cert.pem"), path("cert.pem")).code, ErrorCode::kInvalid);
  write_pair(path("other.pem"), path("other_key.pem"));
  EXPECT_EQ(error(path("cert.pem"), path("other_key.pem")).code, ErrorCode::kInvalid) << "of another certificate";
}

}  // namespace
}  // namespace saker::serve
