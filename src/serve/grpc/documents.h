// What the protocol tells about server and models, as messages: the counterpart of api/oip_documents.
#pragma once

#include <open_inference.pb.h>

#include <vector>

#include "serve/repository.h"
#include "serve/served_model.h"

namespace saker::serve {

inference::ServerMetadataResponse server_message();
// `versions`: all that are served.
inference::ModelMetadataResponse model_message(const ServedModel& model, const std::vector<std::int64_t>& versions);
inference::ModelConfigResponse config_message(const ServedModel& model);
inference::ModelStatisticsResponse statistics_message(const std::vector<std::shared_ptr<ServedModel>>& models);
inference::RepositoryIndexResponse index_message(const std::vector<RepositoryEntry>& entries, bool ready_only);

}  // namespace saker::serve
