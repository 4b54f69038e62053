#include "serve/http/answer.h"

#include <algorithm>
#include <utility>

#include "serve/http/connection.h"
#include "serve/http/response_text.h"

namespace saker::serve {

Answer::Answer(std::shared_ptr<Connection> connection, std::shared_ptr<const std::atomic<bool>> gone)
    : connection_(std::move(connection)), gone_(std::move(gone)) {}

Answer::~Answer() {
  try {
    if (stage_ == Stage::kNone) {
      connection_->answer(transport_error(500, "the request was dropped without an answer"));
    } else if (stage_ == Stage::kBegun) {
      // Cut off, so that nobody takes what came for all of it.
      connection_->loop().run([connection = connection_] { connection->abort(); });
    }
  } catch (const std::exception&) {
    // Without memory: the connection stays until its client or the server goes.
  }
}

void Answer::send(HttpResponse response) {
  if (go(Stage::kNone, Stage::kDone)) connection_->answer(std::move(response));
}

void Answer::begin(HttpResponse head) {
  if (go(Stage::kNone, Stage::kBegun)) connection_->begin_answer(std::move(head));
}

bool Answer::write(std::string piece) {
  if (stage_ != Stage::kBegun || gone_->load()) return false;
  if (!connection_->claim_backlog(piece.size(), Connection::kMaxBacklog)) return false;
  connection_->add_piece(std::move(piece));
  return true;
}

bool Answer::offer(const std::shared_ptr<const std::string>& piece, std::size_t most_waiting) {
  if (stage_ != Stage::kBegun || gone_->load()) return false;
  const std::size_t most = std::min(most_waiting, Connection::kMaxBacklog) + piece->size();
  if (!connection_->claim_backlog(piece->size(), most)) return false;
  connection_->add_piece(piece);
  return true;
}

void Answer::end() {
  if (go(Stage::kBegun, Stage::kDone)) connection_->end_answer();
}

}  // namespace saker::serve
