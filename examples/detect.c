/* Boxes on pictures, in C: example_detect MODEL.onnx PICTURE... */
#include <saker.h>
#include <stdio.h>

static int complain(void) {
  fprintf(stderr, "%s\n", saker_error_message());
  return 1;
}

static int detect(saker_detector* detector, const char* path) {
  saker_box_options options;
  saker_result* result;
  const saker_box* boxes;
  size_t i;

  saker_box_options_init(&options, sizeof options);
  options.conf = 0.25F;
  if (saker_detect_file(detector, path, &options, &result) != SAKER_OK) return complain();
  boxes = saker_result_boxes(result);
  for (i = 0; i < saker_result_count(result); ++i) {
    printf("%-16s %.2f  %7.1f %7.1f %7.1f %7.1f\n", saker_result_label(result, i), (double)boxes[i].score,
           (double)boxes[i].x1, (double)boxes[i].y1, (double)boxes[i].x2, (double)boxes[i].y2);
  }
  saker_result_free(result);
  return 0;
}

int main(int argc, char** argv) {
  saker_detector* detector;
  int failed = 0, i;

  if (argc < 3) {
    fprintf(stderr, "usage: %s MODEL.onnx PICTURE...\n", argv[0]);
    return 2;
  }
  if (saker_detector_load(argv[1], NULL, &detector) != SAKER_OK) return complain();
  for (i = 2; i < argc; ++i) failed |= detect(detector, argv[i]);
  saker_detector_free(detector);
  return failed;
}
