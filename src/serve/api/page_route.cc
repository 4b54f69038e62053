#include "serve/api/page_route.h"

#include "base/text.h"
#include "serve/web/web_files.h"

namespace saker::serve {
namespace {

// If-None-Match: "*", or tags of which one is the file's; a weak tag counts, too (RFC 9110, 13.1.2).
bool has_tag(std::string_view header, std::string_view etag) {
  for (const std::string& one : split(header, ',')) {
    std::string_view tag = trimmed(one);
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == "*" || tag == etag) return true;
  }
  return false;
}

}  // namespace

void page_route(const std::shared_ptr<ApiContext>& context, Call call) {
  const std::string& target = call.request->target;
  const auto parsed = parse_target(target);
  const WebFile* file = std::holds_alternative<Target>(parsed) ? web_file(std::get<Target>(parsed).path) : nullptr;
  if (file == nullptr || !context->options.page) {
    return refuse(call, {Reason::kNotFound, "there is no page here; the paths are in /openapi.json"});
  }
  HttpResponse response;
  response.content_type = file->content_type;
  response.headers = {{"ETag", std::string(file->etag)},
                      {"Cache-Control", "no-cache"},
                      {"Content-Security-Policy", std::string(kPagePolicy)},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Referrer-Policy", "no-referrer"}};
  const std::string* known = call.request->header("If-None-Match");
  if (known != nullptr && has_tag(*known, file->etag)) {
    response.status = 304;
  } else {
    response.body = file->body;
  }
  answer(call, std::move(response));
}

}  // namespace saker::serve
