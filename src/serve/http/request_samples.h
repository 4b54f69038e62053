// For tests: requests as clients send them, requests as nobody should, and hurt ones.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/random.h"

namespace saker::serve {

inline const std::vector<std::string>& good_requests() {
  static const std::vector<std::string> requests = {
      "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "\r\nGET /v2/health/live HTTP/1.1\r\nHost: localhost\r\nUser-Agent: kube-probe/1.29\r\n\r\n",
      "HEAD /v2 HTTP/1.1\r\nhost:h\r\nConnection: keep-alive\r\n\r\n",
      "GET /metrics HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
      "POST /v1/detect?threshold=0.5 HTTP/1.1\r\nHost: h\r\nContent-Type: image/jpeg\r\nContent-Length: 11\r\n\r\n"
      "\xff\xd8\xff\r\n\r\n\x01\x02\x03\x04",
      "POST /v2/models/m/infer HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
      "POST /v2/models/m/infer HTTP/1.1\r\nHost: h\r\nInference-Header-Content-Length: 2\r\nContent-Length: 6\r\n\r\n"
      "{}abcd",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: CHUNKED\r\n\r\n0\r\nX-Trailer: t\r\n\r\n",
  };
  return requests;
}

// With the status that they are refused with; 0: there is no end to them yet.
inline const std::vector<std::pair<int, std::string>>& bad_requests() {
  static const std::vector<std::pair<int, std::string>> requests = {
      // Where does the body end?
      {400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 3\r\n\r\nabc"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\nabc"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -3\r\n\r\nabc"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x3\r\n\r\nabc"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3 4\r\n\r\nabc"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\nabc"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999999\r\n\r\nabc"},
      {413, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 18446744073709551615\r\n\r\nabc"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length : 3\r\n\r\nabc"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nX: 1\r\n Content-Length: 3\r\n\r\nabc"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nX: 1\r\n\tfolded\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n Host: h\r\n\r\n"},
      {501, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
      {501, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"},
      {501, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {400,
       "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \x0b"
       "chunked\r\n\r\n0\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc"},
      {400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      // Chunks.
      {400, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nabc\r\n"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000000\r\n"},
      {413, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"},
      // Lines.
      {400, "GET / HTTP/1.1\nHost: h\n\n"},
      {400, "GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n"},
      {400, std::string("GET / HTTP/1.1\r\nHost: h\r\nX: a") + '\0' + "b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: h\r\nX\x7f: a\r\n\r\n"},
      {400, "GET  / HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET / x HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET /\xc3\xa4\x01 HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: h\r\n: no name\r\n\r\n"},
      {400, " GET / HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "\x16\x03\x01\x02"},
      {400, "(GET / HTTP/1.1\r\n\r\n"},
      // Versions and hosts.
      {505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
      {505, "GET / HTTP/3.0\r\nHost: h\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
      {417, "POST / HTTP/1.1\r\nHost: h\r\nExpect: 200-ok\r\nContent-Length: 3\r\n\r\nabc"},
      {400, "CONNECT host:443 HTTP/1.1\r\nHost: h\r\n\r\n"},
      // Not yet.
      {0, "GET / HTTP/1.1\r\nHost: h\r\n"},
      {0, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nabc"},
  };
  return requests;
}

// One or two requests, good or bad, with bytes changed, taken out, doubled, or cut off.
inline std::string mutated_request(PortableRandom& random) {
  const auto pick = [&]() -> const std::string& {
    if (random.below(4) > 0) return good_requests()[random.below(good_requests().size())];
    return bad_requests()[random.below(bad_requests().size())].second;
  };
  std::string bytes = pick();
  if (random.below(3) == 0) bytes += pick();
  const std::uint64_t changes = random.below(5);
  for (std::uint64_t i = 0; i < changes && !bytes.empty(); ++i) {
    const std::size_t at = random.below(bytes.size());
    switch (random.below(6)) {
      case 0:
        bytes[at] = static_cast<char>(random.below(256));
        break;
      case 1:
        bytes.erase(at, 1 + random.below(4));
        break;
      case 2:
        bytes.insert(at, 1, "\r\n :;,0\t"[random.below(8)]);
        break;
      case 3: {
        const std::string copy = bytes.substr(at, random.below(40));
        bytes.insert(random.below(bytes.size()), copy);
        break;
      }
      case 4:
        bytes.resize(at);
        break;
      default:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
    }
  }
  return bytes;
}

}  // namespace saker::serve
