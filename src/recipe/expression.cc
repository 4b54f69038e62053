#include "recipe/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <vector>

#include "base/text.h"
#include "base/try.h"

namespace saker::recipe {
namespace {

constexpr std::size_t kMaxText = 1000;
constexpr int kMaxDepth = 50;

bool is_name_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

Error invalid(std::string what) {
  return {ErrorCode::kInvalid, std::move(what)};
}

Result<double> finite(double value) {
  if (std::isfinite(value)) return value;
  return invalid("what it gives is no finite number");
}

// As Python has them: floors towards minus infinity, a remainder of the divisor's sign.
Result<double> applied(std::string_view op, double a, double b) {
  if (op == "+") return finite(a + b);
  if (op == "-") return finite(a - b);
  if (op == "*") return finite(a * b);
  if (op == "**") return finite(std::pow(a, b));
  if (b == 0) return invalid("it divides by zero");
  if (op == "/") return finite(a / b);
  const double whole = std::floor(a / b);
  return finite(op == "//" ? whole : a - whole * b);
}

Result<double> called(const std::string& name, const std::vector<double>& of) {
  if (name == "max" && !of.empty()) return std::ranges::max(of);
  if (name == "min" && !of.empty()) return std::ranges::min(of);
  if (of.size() == 1) {
    if (name == "abs") return std::abs(of[0]);
    if (name == "float") return of[0];
    if (name == "int") return std::trunc(of[0]);
    if (name == "round") return std::nearbyint(of[0]);
  }
  return invalid(
      fmt::format("'{}' of {} values is not known: there are abs, float, int, max, min, round", name, of.size()));
}

// Grammar, from loose to tight: sum, product, sign, power, atom.
class Parser {
 public:
  Parser(std::string_view text, const ValueOf& value_of) : text_(text), value_of_(value_of) {}

  Result<double> whole() {
    SAKER_ASSIGN(const double value, sum());
    skip_spaces();
    if (at_ < text_.size()) return unexpected();
    return value;
  }

 private:
  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  bool take(std::string_view token) {
    skip_spaces();
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }

  Error unexpected() const {
    if (at_ >= text_.size()) return invalid("it ends in the middle");
    return invalid(fmt::format("'{}' is not expected at character {}", printable_name(text_.substr(at_), 20), at_ + 1));
  }

  Result<double> sum() {
    SAKER_ASSIGN(double value, product());
    while (true) {
      const bool plus = take("+");
      if (!plus && !take("-")) return value;
      SAKER_ASSIGN(const double next, product());
      SAKER_ASSIGN(value, applied(plus ? "+" : "-", value, next));
    }
  }

  Result<double> product() {
    SAKER_ASSIGN(double value, sign());
    while (true) {
      std::string_view op;
      for (const std::string_view one : {"//", "/", "*", "%"}) {
        if (op.empty() && take(one)) op = one;
      }
      if (op.empty()) return value;
      SAKER_ASSIGN(const double next, sign());
      SAKER_ASSIGN(value, applied(op, value, next));
    }
  }

  // Every way down into brackets, signs and powers leads through here.
  Result<double> sign() {
    if (++depth_ > kMaxDepth) return invalid("it is nested too deeply");
    Result<double> value = signed_value();
    --depth_;
    return value;
  }

  Result<double> signed_value() {
    if (take("-")) {
      SAKER_ASSIGN(const double value, sign());
      return -value;
    }
    if (take("+")) return sign();
    SAKER_ASSIGN(const double base, atom());
    if (!take("**")) return base;
    SAKER_ASSIGN(const double exponent, sign());
    return applied("**", base, exponent);
  }

  Result<double> atom() {
    if (take("(")) {
      SAKER_ASSIGN(const double value, sum());
      if (!take(")")) return unexpected();
      return value;
    }
    skip_spaces();
    if (at_ >= text_.size()) return unexpected();
    double number = 0;
    const char* begin = text_.data() + at_;
    if (text_[at_] == '.' || (text_[at_] >= '0' && text_[at_] <= '9')) {
      const auto read = std::from_chars(begin, text_.data() + text_.size(), number);
      if (read.ec != std::errc()) return unexpected();
      at_ += static_cast<std::size_t>(read.ptr - begin);
      return number;
    }
    const std::size_t from = at_;
    while (at_ < text_.size() && is_name_letter(text_[at_])) ++at_;
    if (at_ == from) return unexpected();
    const std::string name(text_.substr(from, at_ - from));
    if (!take("(")) return value_of_(name);
    std::vector<double> of;
    do {
      SAKER_ASSIGN(const double value, sum());
      of.push_back(value);
    } while (take(","));
    if (!take(")")) return unexpected();
    return called(name, of);
  }

  std::string_view text_;
  const ValueOf& value_of_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Result<double> evaluate(std::string_view text, const ValueOf& value_of) {
  if (text.size() > kMaxText) return invalid("it is too long");
  return Parser(text, value_of).whole();
}

}  // namespace saker::recipe
