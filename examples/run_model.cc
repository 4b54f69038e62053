// Any network: tensors in, tensors out. example_run_model MODEL.onnx
#include <saker/session.h>

#include <algorithm>
#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s MODEL.onnx\n", argv[0]);
    return 2;
  }
  auto model = saker::Model::load(argv[1]);
  if (!model.ok()) {
    std::fprintf(stderr, "%s\n", model.error().message.c_str());
    return 1;
  }
  // Dynamic dimensions need a size: 1 picture of 640 x 640.
  saker::SessionOptions options;
  for (const saker::TensorInfo& input : model->inputs()) {
    saker::Shape shape = input.shape;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] < 0) shape[i] = i == 0 ? 1 : 640;
    }
    options.input_shapes.push_back(shape);
  }
  auto session = saker::Session::create(*model, options);
  if (!session.ok()) {
    std::fprintf(stderr, "%s\n", session.error().message.c_str());
    return 1;
  }
  // Inputs start as zeros; write yours to session->input(i).data<float>().
  if (auto status = session->run(); !status.ok()) {
    std::fprintf(stderr, "%s\n", status.error().message.c_str());
    return 1;
  }
  for (std::size_t i = 0; i < session->output_count(); ++i) {
    // An output may have any strides; to_dense gives row-major order.
    auto dense = saker::to_dense(session->output(i));
    if (!dense.ok()) return 1;
    std::printf("%s: %s %s\n", session->output_name(i).c_str(), saker::dtype_name(dense->dtype()),
                saker::to_string(dense->shape()).c_str());
  }
}
