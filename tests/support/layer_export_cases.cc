// Export cases of graph/layer_attributes.h (export_cases.h).
#include "support/export_cases.h"

namespace saker::onnx {
namespace {

ValueId zeros(GraphBuilder& b, Shape shape, DType dtype = DType::kInt64) {
  Tensor tensor = Tensor::make(dtype, std::move(shape)).value();
  std::fill_n(static_cast<std::uint8_t*>(tensor.raw()), tensor.bytes(), std::uint8_t{0});
  return b.constant(tensor);
}

void window(GraphBuilder& b, Op op) {
  b.output(b.add(op, {b.ints({5})}, SignalWindowAttrs{DType::kFloat64, false}));
}

void normalization(GraphBuilder& b, Op op) {
  b.output(b.add(op, {b.input({2, 3, 4}), b.random({3}), b.random({3})}, NormalizationAttrs{1e-3F}));
}

void recurrent(GraphBuilder& b, Op op, std::int64_t gates, RecurrentAttrs attrs) {
  attrs.direction = Direction::kReverse;
  attrs.hidden_size = 2;
  attrs.clip = 3;
  attrs.batch_first = true;
  for (const ValueId id :
       b.add(op, {b.input({1, 4, 3}), b.random({1, 2 * gates, 3}), b.random({1, 2 * gates, 2})}, attrs, 2))
    b.output(id);
}

void add_sampling(std::vector<ExportCase>& cases) {
  cases.push_back({Op::kGridSample, [](GraphBuilder& b) {
                     const GridSampleAttrs attrs{GridSampleMode::kCubic, GridSamplePadding::kReflection, true};
                     b.output(b.add(Op::kGridSample, {b.input({1, 2, 3, 4}), b.random({1, 2, 2, 2})}, attrs));
                   }});
  cases.push_back({Op::kRoiAlign, [](GraphBuilder& b) {
                     const RoiAlignAttrs attrs{2, 3, 2, 0.5F, false, true};
                     const ValueId rois = b.floats({1, 4}, {0, 1, 6, 7});
                     b.output(b.add(Op::kRoiAlign, {b.input({1, 2, 4, 4}), rois, zeros(b, {1})}, attrs));
                   }});
  cases.push_back({Op::kMaxRoiPool, [](GraphBuilder& b) {
                     const ValueId rois = b.floats({1, 5}, {0, 0, 1, 6, 7});
                     b.output(b.add(Op::kMaxRoiPool, {b.input({1, 2, 4, 4}), rois}, MaxRoiPoolAttrs{2, 3, 0.5F}));
                   }});
  cases.push_back({Op::kMaxUnpool, [](GraphBuilder& b) {
                     const WindowAttrs attrs{{2, 2}, {2, 2}, {}, {}};
                     const ValueId places = zeros(b, {1, 1, 2, 2});
                     b.output(b.add(Op::kMaxUnpool, {b.input({1, 1, 2, 2}), places, b.ints({1, 1, 5, 4})}, attrs));
                   }});
}

void add_normalizations(std::vector<ExportCase>& cases) {
  cases.push_back({Op::kInstanceNormalization, [](GraphBuilder& b) { normalization(b, Op::kInstanceNormalization); }});
  cases.push_back(
      {Op::kLayerNormalization, [](GraphBuilder& b) {
         const NormalizationAttrs attrs{1e-3F, 1};
         for (const ValueId id : b.add(Op::kLayerNormalization, {b.input({2, 3, 4}), b.random({3, 4})}, attrs, 3))
           b.output(id);
       }});
  cases.push_back({Op::kMeanVarianceNormalization, [](GraphBuilder& b) {
                     b.output(b.add(Op::kMeanVarianceNormalization, {b.input({2, 3, 4})}, AxesAttrs{{1, -1}}));
                   }});
  cases.push_back({Op::kLpNormalization, [](GraphBuilder& b) {
                     b.output(b.add(Op::kLpNormalization, {b.input({2, 3})}, LpAttrs{1, 0}));
                   }});
  cases.push_back({Op::kGlobalLpPool, [](GraphBuilder& b) {
                     b.output(b.add(Op::kGlobalLpPool, {b.input({2, 3, 4})}, LpAttrs{3}));
                   }});
  cases.push_back({Op::kLpPool, [](GraphBuilder& b) {
                     LpPoolAttrs attrs{{{2, 2}, {1, 2}, {}, {1, 0, 0, 1}}, 3};
                     b.output(b.add(Op::kLpPool, {b.input({1, 2, 4, 4})}, attrs));
                   }});
  cases.push_back({Op::kLRN, [](GraphBuilder& b) {
                     b.output(b.add(Op::kLRN, {b.input({1, 5, 2, 2})}, LrnAttrs{0.1F, 0.5F, 2, 3}));
                   }});
}

void add_sequences(std::vector<ExportCase>& cases) {
  cases.push_back({Op::kRNN, [](GraphBuilder& b) {
                     recurrent(b, Op::kRNN, 1, RecurrentAttrs{{}, {{Gate::kAffine, 0.5F, 0.25F}}});
                   }});
  cases.push_back({Op::kGRU, [](GraphBuilder& b) {
                     RecurrentAttrs attrs{{}, {{Gate::kHardSigmoid, 0.3F, 0.4F}, {Gate::kSoftsign}}};
                     attrs.linear_before_reset = true;
                     recurrent(b, Op::kGRU, 3, attrs);
                   }});
  cases.push_back({Op::kLSTM, [](GraphBuilder& b) {
                     RecurrentAttrs attrs{{}, {{Gate::kSigmoid}, {Gate::kTanh}, {Gate::kElu, 2}}};
                     attrs.input_forget = true;
                     recurrent(b, Op::kLSTM, 4, attrs);
                   }});
  cases.push_back({Op::kReverseSequence, [](GraphBuilder& b) {
                     const ValueId x = b.input({2, 3, 2});
                     b.output(b.add(Op::kReverseSequence, {x, b.ints({3, 2})}, ReverseSequenceAttrs{0, 1}));
                   }});
  cases.push_back(
      {Op::kScatterElements, [](GraphBuilder& b) {
         const ScatterElementsAttrs attrs{1, ScatterReduction::kAdd};
         b.output(b.add(Op::kScatterElements, {b.input({2, 3}), zeros(b, {2, 2}), b.random({2, 2})}, attrs));
       }});
  cases.push_back({Op::kUnique, [](GraphBuilder& b) {
                     for (const ValueId id : b.add(Op::kUnique, {b.input({2, 3})}, UniqueAttrs{1, false}, 4))
                       b.output(id);
                   }});
  cases.push_back(
      {Op::kTfIdfVectorizer, [](GraphBuilder& b) {
         const TfIdfVectorizerAttrs attrs{TermWeighting::kTfIdf, 1, 2, 1, {0, 2}, {2, 0, 1}, {0, 1, 0, 0}, {1, 2, 3}};
         b.output(b.add(Op::kTfIdfVectorizer, {zeros(b, {2, 4})}, attrs));
       }});
}

void add_signals(std::vector<ExportCase>& cases) {
  for (const Op op : {Op::kBlackmanWindow, Op::kHammingWindow, Op::kHannWindow})
    cases.push_back({op, [op](GraphBuilder& b) { window(b, op); }});
  cases.push_back({Op::kMelWeightMatrix, [](GraphBuilder& b) {
                     const ValueId length = b.ints({16}), rate = b.ints({8000});
                     b.output(b.add(Op::kMelWeightMatrix, {b.ints({4}), length, rate, b.scalar(10), b.scalar(3000)},
                                    SignalWindowAttrs{DType::kFloat64}));
                   }});
  cases.push_back({Op::kDFT, [](GraphBuilder& b) {
                     b.output(b.add(Op::kDFT, {b.input({2, 3, 4, 1}), b.ints({5})}, DftAttrs{false, true}));
                   }});
  cases.push_back({Op::kSTFT, [](GraphBuilder& b) {
                     b.output(b.add(Op::kSTFT, {b.input({1, 16, 1}), b.ints({4}), b.random({8})}, StftAttrs{false}));
                   }});
  cases.push_back({Op::kEinsum, [](GraphBuilder& b) {
                     b.output(b.add(Op::kEinsum, {b.input({2, 3}), b.random({3, 2})}, EinsumAttrs{"ij, jk -> ki"}));
                   }});
  cases.push_back({Op::kDet, [](GraphBuilder& b) { b.output(b.add(Op::kDet, {b.input({2, 3, 3})})); }});
}

}  // namespace

void add_layer_export_cases(std::vector<ExportCase>& cases) {
  add_sampling(cases);
  add_normalizations(cases);
  add_sequences(cases);
  add_signals(cases);
}

}  // namespace saker::onnx
