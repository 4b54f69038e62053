// libFuzzer target: requests to the API of `saker serve`, as bytes that a client has sent. The first line is "METHOD
// TARGET", then come headers, an empty line, and the body. No model is loaded: what a picture or a tensor is made of is
// fuzz_picture's business and the sessions'.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "serve/api/api.h"
#include "serve/api/multipart.h"

namespace {

using namespace saker::serve;

// Whatever was asked: one answer, of a good status; refusals give their reason.
class Judge final : public Responder {
 public:
  ~Judge() override {
    if (answers_ != 1) std::abort();
  }
  void send(HttpResponse response) override {
    ++answers_;
    if (response.status < 200 || response.status > 599 || response.status == 500) std::abort();
    if (response.status >= 400 && response.body.find("\"error\":\"") == std::string::npos) std::abort();
    for (const auto& [name, value] : response.headers) {
      if ((name + value).find_first_of("\r\n") != std::string::npos) std::abort();
    }
  }
  void begin(HttpResponse /*head*/) override { ++answers_; }
  bool write(std::string /*piece*/) override { return true; }
  void end() override {}

 private:
  int answers_ = 0;
};

struct Server {
  Server() : repository({}, scheduler, &metrics), api(options(), repository, metrics, nullptr) {}
  static ApiOptions options() {
    ApiOptions options;
    options.cors_origins = {"https://a.example"};
    options.admin_open = true;
    return options;
  }

  MetricRegistry metrics;
  Scheduler scheduler{1};
  Repository repository;
  Api api;
};

std::string_view line_of(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return saker::trimmed(line);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Server server;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto request = std::make_shared<HttpRequest>();
  const std::string_view first = line_of(text);
  const std::size_t space = first.find(' ');
  if (space == std::string_view::npos) return 0;
  request->method = first.substr(0, space);
  request->target = first.substr(space + 1);
  for (std::string_view line = line_of(text); !line.empty(); line = line_of(text)) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return 0;  // the transport lets no such line pass
    // Nor control characters.
    request->headers.emplace_back(line.substr(0, colon), saker::one_line(saker::trimmed(line.substr(colon + 1))));
  }
  request->body = text;
  if (const std::string* type = request->header("Content-Type"); type != nullptr && is_multipart(*type)) {
    const auto parsed = parse_multipart(*type, request->body);
    if (const auto* parts = std::get_if<std::vector<FormPart>>(&parsed)) {
      for (const FormPart& part : *parts) {
        if (part.name.empty() || part.body.size() > request->body.size()) std::abort();
      }
    }
  }
  server.api.handler()(std::move(request), std::make_shared<Judge>());
  return 0;
}
