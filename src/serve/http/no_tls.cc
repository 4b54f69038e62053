#include "serve/http/tls.h"

namespace saker::serve {

Result<std::unique_ptr<Tls>> Tls::make(const std::string&, const std::string&) {
  return Error{
      ErrorCode::kUnsupported,
      "this build has no TLS: build it where OpenSSL's headers are (Debian: libssl-dev), or let a proxy do it"};
}

}  // namespace saker::serve
