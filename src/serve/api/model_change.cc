#include "serve/api/model_change.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "base/text.h"
#include "serve/api/load_thread.h"
#include "serve/api/reply.h"
#include "serve/model_folder.h"

namespace saker::serve {

std::optional<Refusal> check_change_parameter(std::string_view name) {
  if (name == "unload_dependents") return std::nullopt;
  return Refusal{Reason::kUnsupported,
                 fmt::format("`parameters` has `{}`: models are loaded as they lie in the repository, with their "
                             "config.yaml; put it there",
                             printable_name(name, 80))};
}

void change_model(const ApiContext& context, const std::string& name, ModelChange what,
                  std::function<void(const std::optional<Refusal>&)> done) {
  if (!is_model_name(name)) {
    return done(Refusal{Reason::kBadRequest, fmt::format("`{}` is no name of a model", printable_name(name, 80))});
  }
  // Only what the API's owner outlives: the thread that the task runs on is the context's.
  const auto shared = std::make_shared<std::function<void(const std::optional<Refusal>&)>>(std::move(done));
  const bool taken = context.loads.add([&repository = context.repository, shared, what, name](bool stopped) {
    if (stopped) return (*shared)(Refusal{Reason::kUnavailable, "the server is stopping", 1});
    const Status status = what == ModelChange::kLoad ? repository.load(name) : repository.unload(name);
    (*shared)(status.ok() ? std::optional<Refusal>() : refusal_of(status.error()));
  });
  if (!taken) (*shared)(Refusal{Reason::kOverloaded, "too many models wait to be loaded and unloaded", 5});
}

}  // namespace saker::serve
