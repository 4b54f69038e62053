// For tests: reads Prometheus' text format and complains about all that a strict reader may.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"

namespace saker::serve {

struct MetricsText {
  using Labels = std::map<std::string, std::string>;
  std::map<std::string, std::string> types;                 // of families
  std::map<std::pair<std::string, Labels>, double> values;  // of samples
  std::vector<std::string> problems;                        // nothing is wrong: empty

  double value(const std::string& name, const Labels& labels = {}) const {
    const auto found = values.find({name, labels});
    return found == values.end() ? std::numeric_limits<double>::quiet_NaN() : found->second;
  }
  std::set<std::string> names() const {
    std::set<std::string> all;
    for (const auto& [key, value] : values) all.insert(key.first);
    return all;
  }

  static MetricsText parse(const std::string& text) {
    MetricsText out;
    if (text.empty() || text.back() != '\n') out.problems.emplace_back("no line feed at the end");
    std::string family;
    for (const std::string& line : split(text.substr(0, text.empty() ? 0 : text.size() - 1), '\n')) {
      if (line.starts_with("# ")) {
        out.read_comment(line, family);
      } else {
        out.read_sample(line, family);
      }
    }
    out.check_histograms();
    return out;
  }

 private:
  std::set<std::string> helped_;

  void wrong(const std::string& what, const std::string& line) { problems.push_back(what + ": " + line); }

  static bool is_name(const std::string& name) {
    return !name.empty() &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:") ==
               std::string::npos &&
           !(name[0] >= '0' && name[0] <= '9');
  }

  void read_comment(const std::string& line, std::string& family) {
    const std::vector<std::string> words = split(line, ' ');
    if (words.size() < 4 || !is_name(words[2])) return wrong("bad comment", line);
    if (words[1] == "HELP") {
      if (!helped_.insert(words[2]).second) wrong("HELP twice", line);
      family = words[2];
    } else if (words[1] == "TYPE") {
      if (words[2] != family || types.contains(words[2])) wrong("TYPE out of place", line);
      if (!std::set<std::string>{"counter", "gauge", "histogram", "summary", "untyped"}.contains(words[3]))
        wrong("unknown type", line);
      types[words[2]] = words[3];
    } else {
      wrong("unknown comment", line);
    }
  }

  bool read_labels(const std::string& line, std::size_t& at, Labels& labels) {
    while (at < line.size() && line[at] != '}') {
      const std::size_t equals = line.find("=\"", at);
      if (equals == std::string::npos || !is_name(line.substr(at, equals - at))) return false;
      const std::string name = line.substr(at, equals - at);
      std::string value;
      for (at = equals + 2; at < line.size() && line[at] != '"'; ++at) {
        if (line[at] != '\\') {
          value += line[at];
          continue;
        }
        if (++at >= line.size() || (line[at] != '\\' && line[at] != '"' && line[at] != 'n')) return false;
        value += line[at] == 'n' ? '\n' : line[at];
      }
      if (at >= line.size() || !labels.emplace(name, value).second) return false;
      if (line[++at] == ',') ++at;
    }
    return at++ < line.size();
  }

  void read_sample(const std::string& line, const std::string& family) {
    std::size_t at = line.find_first_of("{ ");
    if (at == std::string::npos || !is_name(line.substr(0, at))) return wrong("bad sample", line);
    const std::string name = line.substr(0, at);
    const bool histogram = types[family] == "histogram";
    const std::string tail = name.starts_with(family) ? name.substr(family.size()) : "?";
    if (histogram ? tail != "_bucket" && tail != "_sum" && tail != "_count" : !tail.empty())
      wrong("sample outside of its family", line);
    Labels labels;
    if (line[at] == '{' && !read_labels(line, ++at, labels)) return wrong("bad labels", line);
    if (at >= line.size() || line[at] != ' ') return wrong("a space is missing", line);
    const std::string text = line.substr(at + 1);
    char* end = nullptr;
    const double value = text == "+Inf" ? std::numeric_limits<double>::infinity() : std::strtod(text.c_str(), &end);
    if (text.empty() || (end != nullptr && *end != '\0')) wrong("bad value", line);
    if (types[family] == "counter" && (value < 0 || !name.ends_with("_total"))) wrong("bad counter", line);
    if (!values.emplace(std::pair(name, labels), value).second) wrong("sample twice", line);
  }

  // Buckets are cumulated, the last one is +Inf and has what _count says.
  void check_histograms() {
    std::map<std::pair<std::string, Labels>, std::map<double, double>> all;
    for (const auto& [key, value] : values) {
      auto [name, labels] = key;
      if (!name.ends_with("_bucket") || !labels.contains("le")) continue;
      const std::string le = labels["le"];
      labels.erase("le");
      const double bound = le == "+Inf" ? std::numeric_limits<double>::infinity() : std::strtod(le.c_str(), nullptr);
      all[{name.substr(0, name.size() - 7), labels}][bound] = value;
    }
    for (const auto& [key, buckets] : all) {
      double before = 0;
      for (const auto& [bound, count] : buckets) {
        if (count < before) wrong("buckets are not cumulated", key.first);
        before = count;
      }
      if (!std::isinf(buckets.rbegin()->first)) wrong("no +Inf", key.first);
      if (value(key.first + "_count", key.second) != before) wrong("_count is not that of +Inf", key.first);
      if (std::isnan(value(key.first + "_sum", key.second))) wrong("no _sum", key.first);
    }
  }
};

}  // namespace saker::serve
