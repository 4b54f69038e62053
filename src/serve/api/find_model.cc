#include <fmt/format.h>

#include <utility>

#include "base/text.h"
#include "serve/api/route.h"

namespace saker::serve {
namespace {

std::string value_of(const Call& call, const char* name) {
  const auto in_path = call.path.find(name);
  if (in_path != call.path.end()) return in_path->second;
  const auto in_query = call.query.find(name);
  return in_query == call.query.end() ? std::string() : in_query->second;
}

}  // namespace

Outcome<std::shared_ptr<ServedModel>> find_model(const Repository& repository, const std::string& name,
                                                 const std::string& version) {
  std::int64_t number = 0;
  if (!version.empty()) {
    const auto parsed = parse_whole(version);
    if (!parsed || *parsed < 1) {
      return Refusal{Reason::kBadRequest,
                     fmt::format("version: `{}` is not a whole number from 1", printable_name(version, 80))};
    }
    number = *parsed;
  }
  if (!name.empty()) return repository.find(name, number);
  auto found = repository.only();
  if (number != 0 && std::holds_alternative<std::shared_ptr<ServedModel>>(found)) {
    found = repository.find(std::get<std::shared_ptr<ServedModel>>(found)->name(), number);
  }
  return found;
}

Outcome<std::shared_ptr<ServedModel>> find_model(const ApiContext& context, Call& call) {
  if (call.path.contains("model") && call.query.contains("model")) {
    return Refusal{Reason::kBadRequest, "`model` is both in the path and in the query; give it once"};
  }
  auto found = find_model(context.repository, value_of(call, "model"), value_of(call, "version"));
  if (const auto* model = std::get_if<std::shared_ptr<ServedModel>>(&found)) call.notes->model = (*model)->name();
  return found;
}

}  // namespace saker::serve
