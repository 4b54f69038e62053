// Sequences and signals: attention, recurrent layers, transforms, n-grams.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/try.h"
#include "model/onnx/gates.h"
#include "model/onnx/import_ops.h"
#include "model/pick.h"

namespace saker::onnx {
namespace {

constexpr std::pair<std::string_view, Direction> kDirections[] = {
    {"forward", Direction::kForward}, {"reverse", Direction::kReverse}, {"bidirectional", Direction::kBidirectional}};
constexpr std::pair<std::string_view, TermWeighting> kWeightings[] = {
    {"TF", TermWeighting::kTf}, {"IDF", TermWeighting::kIdf}, {"TFIDF", TermWeighting::kTfIdf}};

bool same_letters(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, [&](char x, char y) { return lower(x) == lower(y); });
}

Result<std::vector<GateActivation>> gate_activations(const NodeImporter& node,
                                                     const std::vector<std::string_view>& names) {
  SAKER_ASSIGN(const std::vector<float> alphas, node.floats_attr("activation_alpha"));
  SAKER_ASSIGN(const std::vector<float> betas, node.floats_attr("activation_beta"));
  std::size_t alpha = 0, beta = 0;
  std::vector<GateActivation> gates;
  for (const std::string_view name : names) {
    const auto* entry =
        std::ranges::find_if(kGates, [&](const GateEntry& gate) { return same_letters(gate.name, name); });
    if (entry == std::end(kGates))
      return Error{ErrorCode::kUnsupported, fmt::format("unknown activation '{}'", printable_name(name))};
    GateActivation gate{entry->kind, entry->alpha, entry->beta};
    if (entry->has_alpha && alpha < alphas.size()) gate.alpha = alphas[alpha++];
    if (entry->has_beta && beta < betas.size()) gate.beta = betas[beta++];
    gates.push_back(gate);
  }
  return gates;
}

// `defaults`: the activations of one direction.
Status import_recurrent(NodeImporter& node, Op op, std::span<const std::string_view> defaults) {
  RecurrentAttrs attrs;
  SAKER_ASSIGN(const std::string_view direction, node.text_attr("direction", "forward"));
  SAKER_TRY(pick("unknown direction", direction, kDirections, attrs.direction));
  SAKER_ASSIGN(std::vector<std::string_view> names, node.texts_attr("activations"));
  const int directions = attrs.direction == Direction::kBidirectional ? 2 : 1;
  for (int i = 0; !node.has_attr("activations") && i < directions; ++i)
    names.insert(names.end(), defaults.begin(), defaults.end());
  if (names.size() != defaults.size() * static_cast<std::size_t>(directions))
    return Error{ErrorCode::kInvalid, fmt::format("it has {} activations for {} of each of {} directions", names.size(),
                                                  defaults.size(), directions)};
  SAKER_ASSIGN(attrs.activations, gate_activations(node, names));
  SAKER_ASSIGN(attrs.hidden_size, node.int_attr_within("hidden_size", 0, 0, INT32_MAX));
  SAKER_ASSIGN(attrs.clip, node.float_attr("clip", 0));
  SAKER_ASSIGN(attrs.batch_first, node.bool_attr("layout", false));
  if (op == Op::kGRU) {
    SAKER_ASSIGN(attrs.linear_before_reset, node.bool_attr("linear_before_reset", false));
  }
  if (op == Op::kLSTM) {
    SAKER_ASSIGN(attrs.input_forget, node.bool_attr("input_forget", false));
  }
  return node.emit(op, std::move(attrs));
}

Result<SignalWindowAttrs> output_type_attrs(const NodeImporter& node) {
  constexpr std::int64_t kFloat = 1;  // of TensorProto.DataType
  SAKER_ASSIGN(const std::int64_t type, node.int_attr("output_datatype", kFloat));
  SAKER_ASSIGN(const DType dtype, dtype_of(type));
  return SignalWindowAttrs{dtype, true};
}

}  // namespace

Status import_attention(NodeImporter& node) {
  AttentionAttrs attrs;
  SAKER_ASSIGN(attrs.q_heads, node.int_attr_within("q_num_heads", 0, 0, INT32_MAX));
  SAKER_ASSIGN(attrs.kv_heads, node.int_attr_within("kv_num_heads", 0, 0, INT32_MAX));
  if (node.has_attr("scale")) {
    SAKER_ASSIGN(attrs.scale, node.float_attr("scale", 1));
  }
  SAKER_ASSIGN(attrs.softcap, node.float_attr("softcap", 0));
  SAKER_ASSIGN(attrs.causal, node.bool_attr("is_causal", false));
  SAKER_ASSIGN(const std::int64_t scores, node.int_attr_within("qk_matmul_output_mode", 0, 0, 3));
  attrs.scores = static_cast<AttentionScores>(scores);
  return node.emit(Op::kAttention, attrs);
}

Status import_rotary_embedding(NodeImporter& node) {
  RotaryEmbeddingAttrs attrs;
  SAKER_ASSIGN(attrs.heads, node.int_attr_within("num_heads", 0, 0, INT32_MAX));
  SAKER_ASSIGN(attrs.rotated, node.int_attr_within("rotary_embedding_dim", 0, 0, INT32_MAX));
  SAKER_ASSIGN(attrs.interleaved, node.bool_attr("interleaved", false));
  return node.emit(Op::kRotaryEmbedding, attrs);
}

Status import_rnn(NodeImporter& node) {
  return import_recurrent(node, Op::kRNN, std::array<std::string_view, 1>{"Tanh"});
}
Status import_gru(NodeImporter& node) {
  return import_recurrent(node, Op::kGRU, std::array<std::string_view, 2>{"Sigmoid", "Tanh"});
}
Status import_lstm(NodeImporter& node) {
  return import_recurrent(node, Op::kLSTM, std::array<std::string_view, 3>{"Sigmoid", "Tanh", "Tanh"});
}

Status import_reverse_sequence(NodeImporter& node) {
  ReverseSequenceAttrs attrs;
  SAKER_ASSIGN(attrs.batch_axis, node.int_attr("batch_axis", 1));
  SAKER_ASSIGN(attrs.time_axis, node.int_attr("time_axis", 0));
  return node.emit(Op::kReverseSequence, attrs);
}

Status import_unique(NodeImporter& node) {
  UniqueAttrs attrs;
  if (node.has_attr("axis")) {
    SAKER_ASSIGN(attrs.axis, node.int_attr("axis", 0));
  }
  SAKER_ASSIGN(attrs.sorted, node.bool_attr("sorted", true));
  return node.emit(Op::kUnique, attrs);
}

Status import_tf_idf_vectorizer(NodeImporter& node) {
  if (node.has_attr("pool_strings")) return Error{ErrorCode::kUnsupported, "n-grams of strings (pool_strings)"};
  TfIdfVectorizerAttrs attrs;
  SAKER_ASSIGN(const std::string_view mode, node.text_attr("mode", ""));
  SAKER_TRY(pick("unknown mode", mode, kWeightings, attrs.mode));
  SAKER_ASSIGN(attrs.min_length, node.int_attr("min_gram_length", 1));
  SAKER_ASSIGN(attrs.max_length, node.int_attr("max_gram_length", 1));
  SAKER_ASSIGN(attrs.max_skip, node.int_attr("max_skip_count", 0));
  SAKER_ASSIGN(attrs.counts, node.ints_attr("ngram_counts"));
  SAKER_ASSIGN(attrs.indexes, node.ints_attr("ngram_indexes"));
  SAKER_ASSIGN(attrs.pool, node.ints_attr("pool_int64s"));
  SAKER_ASSIGN(attrs.weights, node.floats_attr("weights"));
  return node.emit(Op::kTfIdfVectorizer, std::move(attrs));
}

Status import_signal_window(NodeImporter& node, Op op) {
  SAKER_ASSIGN(SignalWindowAttrs attrs, output_type_attrs(node));
  SAKER_ASSIGN(attrs.periodic, node.bool_attr("periodic", true));
  return node.emit(op, attrs);
}

Status import_mel_weight_matrix(NodeImporter& node) {
  SAKER_ASSIGN(const SignalWindowAttrs attrs, output_type_attrs(node));
  return node.emit(Op::kMelWeightMatrix, attrs);
}

// The axis was an attribute until opset 20.
Status import_dft(NodeImporter& node) {
  DftAttrs attrs;
  SAKER_ASSIGN(attrs.inverse, node.bool_attr("inverse", false));
  SAKER_ASSIGN(attrs.onesided, node.bool_attr("onesided", false));
  if (node.opset() >= 20) return node.emit(Op::kDFT, attrs);
  SAKER_ASSIGN(const std::int64_t axis, node.int_attr("axis", 1));
  SAKER_ASSIGN(const ValueId axis_input, node.int_constant("axis", std::array{axis}, true));
  return node.emit(Op::kDFT, attrs, {node.input(0), node.input(1), axis_input});
}

Status import_stft(NodeImporter& node) {
  SAKER_ASSIGN(const bool onesided, node.bool_attr("onesided", true));
  return node.emit(Op::kSTFT, StftAttrs{onesided});
}

Status import_einsum(NodeImporter& node) {
  if (!node.has_attr("equation")) return Error{ErrorCode::kInvalid, "its equation is missing"};
  SAKER_ASSIGN(const std::string_view equation, node.text_attr("equation", ""));
  return node.emit(Op::kEinsum, EinsumAttrs{std::string(equation)});
}

}  // namespace saker::onnx
