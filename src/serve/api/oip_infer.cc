// POST .../infer: tensors to tensors, or pictures to boxes.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "serve/api/infer_answer.h"
#include "serve/api/infer_request.h"
#include "serve/api/inference.h"
#include "serve/api/oip_routes.h"

namespace saker::serve {

void oip_infer_route(const std::shared_ptr<ApiContext>& context, Call call) {
  constexpr const char* kHeaderLength = "Inference-Header-Content-Length";
  auto found = find_model(*context, call);
  if (const auto* refusal = std::get_if<Refusal>(&found)) return refuse(call, *refusal);
  const auto model = std::get<std::shared_ptr<ServedModel>>(std::move(found));
  const HttpRequest& http = *call.request;
  if (const std::string* encoding = http.header("Content-Encoding"); encoding != nullptr && *encoding != "identity") {
    return refuse(call, {Reason::kUnsupported, "Content-Encoding: bodies are taken as they are only"});
  }
  const std::string* length = http.header(kHeaderLength);
  auto request =
      read_infer_request(http.body, length != nullptr ? std::optional(*length) : std::nullopt, signature_of(*model));
  if (!request) return refuse(call, {Reason::kBadRequest, request.error().message});
  const InferTerms terms{.default_timeout = context->options.default_timeout, .cancelled = http.gone};
  auto done = [model, id = request->id, call = std::move(call)](Outcome<std::vector<OipTensor>> outcome) mutable {
    if (const auto* refusal = std::get_if<Refusal>(&outcome)) return refuse(call, *refusal);
    answer(call, infer_response(model->name(), model->version(), id, std::get<std::vector<OipTensor>>(outcome)));
  };
  infer(model, std::move(*request), terms, std::move(done));
}

}  // namespace saker::serve
