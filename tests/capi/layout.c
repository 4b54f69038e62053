/* Prints what a program compiled against saker.h takes for granted: constants, and structs' sizes and offsets. */
#include <saker.h>
#include <stdio.h>

#define CONSTANT(name) printf("constant %s %d\n", #name, (int)(name))
#define STRUCT(type) printf("struct %s %lu bytes\n", #type, (unsigned long)sizeof(type))
#define FIELD(type, name)                                                                      \
  printf("field %s.%s at %lu, %lu bytes\n", #type, #name, (unsigned long)offsetof(type, name), \
         (unsigned long)sizeof(((type*)NULL)->name))

static void options(void) {
  STRUCT(saker_options);
  FIELD(saker_options, size);
  FIELD(saker_options, backend);
  FIELD(saker_options, precision);
  FIELD(saker_options, head);
  FIELD(saker_options, labels);
  FIELD(saker_options, threads);
  FIELD(saker_options, height);
  FIELD(saker_options, width);
  FIELD(saker_options, batch);
  FIELD(saker_options, low_memory);
  FIELD(saker_options, autotune);
  FIELD(saker_options, max_memory);
  FIELD(saker_options, max_pixels);
  STRUCT(saker_box_options);
  FIELD(saker_box_options, size);
  FIELD(saker_box_options, conf);
  FIELD(saker_box_options, iou);
  FIELD(saker_box_options, max_boxes);
  FIELD(saker_box_options, multi_label);
  FIELD(saker_box_options, agnostic);
  FIELD(saker_box_options, classes);
  FIELD(saker_box_options, class_count);
}

static void pictures(void) {
  STRUCT(saker_pixels);
  FIELD(saker_pixels, size);
  FIELD(saker_pixels, data);
  FIELD(saker_pixels, width);
  FIELD(saker_pixels, height);
  FIELD(saker_pixels, stride);
  FIELD(saker_pixels, format);
  STRUCT(saker_box);
  FIELD(saker_box, class_id);
  FIELD(saker_box, score);
  FIELD(saker_box, x1);
  FIELD(saker_box, y1);
  FIELD(saker_box, x2);
  FIELD(saker_box, y2);
  STRUCT(saker_times);
  FIELD(saker_times, size);
  FIELD(saker_times, decode);
  FIELD(saker_times, preprocess);
  FIELD(saker_times, infer);
  FIELD(saker_times, postprocess);
}

int main(void) {
  CONSTANT(SAKER_OK);
  CONSTANT(SAKER_INVALID);
  CONSTANT(SAKER_UNSUPPORTED);
  CONSTANT(SAKER_NOT_FOUND);
  CONSTANT(SAKER_IO);
  CONSTANT(SAKER_LIMIT);
  CONSTANT(SAKER_INTERNAL);
  CONSTANT(SAKER_RGB);
  CONSTANT(SAKER_BGR);
  options();
  pictures();
  /* The library was compiled with the same header: it knows these sizes and no field behind them. */
  return saker_api_level() == SAKER_API_LEVEL ? 0 : 1;
}
