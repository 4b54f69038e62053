// TLS on a connection. Without OpenSSL in the build there is none.
#pragma once

#include <saker/result.h>

#include <memory>
#include <string>

#include "serve/http/wire.h"

namespace saker::serve {

class Tls {
 public:
  // Of PEM files: the certificate with those that vouch for it behind it, and its key. TLS 1.2 and later. Errors: kIo
  // (a file that is not there, or no PEM), kInvalid (a key of another certificate), kUnsupported (left out of the
  // build).
  static Result<std::unique_ptr<Tls>> make(const std::string& certificate, const std::string& key);

  virtual ~Tls() = default;
  virtual std::unique_ptr<Wire> make_wire(net::ip::tcp::socket socket) = 0;
};

}  // namespace saker::serve
