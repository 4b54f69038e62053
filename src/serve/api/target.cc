#include "serve/api/target.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace saker::serve {
namespace {

constexpr std::size_t kMostNames = 64;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

Refusal bad(std::string message) {
  return {Reason::kBadRequest, std::move(message)};
}

// Nothing: an escape is none, or what comes out has a control character.
std::optional<std::string> decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    if (static_cast<unsigned char>(c) < 32 || c == 127) return std::nullopt;
    out.push_back(c);
  }
  return out;
}

}  // namespace

Outcome<Query> parse_query(std::string_view text) {
  Query query;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const auto name = decoded(pair.substr(0, equals), true);
    const auto value = equals == std::string_view::npos ? std::string() : decoded(pair.substr(equals + 1), true);
    if (!name || !value) {
      return bad(fmt::format("`{}` in the query is not percent-encoded text", printable_name(pair, 80)));
    }
    if (query.size() == kMostNames) return bad(fmt::format("more than {} names in the query", kMostNames));
    if (!query.emplace(*name, *value).second) {
      return bad(fmt::format("`{}` is twice in the query; give it once", printable_name(*name, 80)));
    }
  }
  return query;
}

Outcome<Target> parse_target(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (lower_case(text.substr(0, scheme.size())) != scheme) continue;
    text.remove_prefix(scheme.size());
    const std::size_t host = std::min(text.find_first_of("/?#"), text.size());
    text.remove_prefix(host);
  }
  text = text.substr(0, text.find('#'));
  const std::size_t question = text.find('?');
  Target target;
  target.path = text.substr(0, question);
  if (target.path.empty()) target.path = "/";
  if (target.path == "*") return target;
  if (target.path[0] != '/') return bad("the path does not begin with a slash");
  for (const std::string& segment : split(std::string_view(target.path).substr(1), '/')) {
    const auto plain = decoded(segment, false);
    if (!plain) return bad(fmt::format("`{}` in the path is not percent-encoded text", printable_name(segment, 80)));
    target.segments.push_back(*plain);
  }
  if (question == std::string_view::npos) return target;
  Outcome<Query> query = parse_query(text.substr(question + 1));
  if (auto* refusal = std::get_if<Refusal>(&query)) return std::move(*refusal);
  target.query = std::move(std::get<Query>(query));
  return target;
}

}  // namespace saker::serve
