#include "serve/http/tls.h"

#include <fmt/format.h>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>

#include "base/try.h"

namespace saker::serve {
namespace {

namespace ssl = boost::asio::ssl;
using net::ip::tcp;

class TlsWire final : public Wire {
 public:
  TlsWire(tcp::socket socket, ssl::context& context) : stream_(std::move(socket), context) {}

  void handshake(Done done) override {
    stream_.async_handshake(ssl::stream_base::server, [done = std::move(done)](error_code error) { done(error, 0); });
  }

  void read_some(std::span<char> room, Done done) override {
    stream_.async_read_some(net::mutable_buffer(room.data(), room.size()), std::move(done));
  }

  void write(Pieces pieces, Done done) override { net::async_write(stream_, pieces, std::move(done)); }

  void end_writing(Done done) override {
    stream_.async_shutdown([done = std::move(done)](error_code error) { done(error, 0); });
  }

  tcp::socket& socket() override { return stream_.next_layer(); }

 private:
  ssl::stream<tcp::socket> stream_;
};

// Of what a client offers, HTTP/1.1; to one that offers only others the handshake fails.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                    unsigned int in_size, void*) {
  constexpr std::string_view kOurs = "http/1.1";
  for (unsigned int at = 0; at < in_size; at += in[at] + 1U) {
    const unsigned int size = in[at];
    if (at + 1 + size > in_size) break;
    if (kOurs == std::string_view(reinterpret_cast<const char*>(in) + at + 1, size)) {
      *out = in + at + 1;
      *out_size = static_cast<unsigned char>(size);
      return SSL_TLSEXT_ERR_OK;
    }
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

class OpenSsl final : public Tls {
 public:
  Status load(const std::string& certificate, const std::string& key) {
    for (const std::string& path : {certificate, key}) {
      if (path.empty()) return Error{ErrorCode::kInvalid, "TLS takes both a certificate and its key"};
      std::error_code ignored;
      if (!std::filesystem::exists(path, ignored))
        return Error{ErrorCode::kIo, fmt::format("{}: no such file; it should hold the TLS certificate or key", path)};
    }
    error_code error;
    context_.set_options(ssl::context::default_workarounds | ssl::context::no_compression | ssl::context::single_dh_use,
                         error);
    SSL_CTX_set_min_proto_version(context_.native_handle(), TLS1_2_VERSION);
    SSL_CTX_set_options(context_.native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context_.native_handle(), SSL_MODE_RELEASE_BUFFERS);  // idle connections keep none
    SSL_CTX_set_alpn_select_cb(context_.native_handle(), choose_protocol, nullptr);
    context_.use_certificate_chain_file(certificate, error);
    if (error) return Error{ErrorCode::kIo, fmt::format("{}: is no PEM certificate: {}", certificate, error.message())};
    context_.use_private_key_file(key, ssl::context::pem, error);
    if (error) {
      return Error{ErrorCode::kInvalid,
                   fmt::format("{}: is no PEM key, or not that of {}: {}", key, certificate, error.message())};
    }
    return {};
  }

  std::unique_ptr<Wire> make_wire(tcp::socket socket) override {
    return std::make_unique<TlsWire>(std::move(socket), context_);
  }

 private:
  ssl::context context_{ssl::context::tls_server};
};

}  // namespace

Result<std::unique_ptr<Tls>> Tls::make(const std::string& certificate, const std::string& key) {
  auto tls = std::make_unique<OpenSsl>();
  SAKER_TRY(tls->load(certificate, key));
  return std::unique_ptr<Tls>(std::move(tls));
}

}  // namespace saker::serve
