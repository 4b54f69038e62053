/* saker.h: the detector for C, and for every language that can call C. Link with libsaker.so (-lsaker).
 *
 *   saker_detector *detector;
 *   saker_result *result;
 *   if (saker_detector_load("yolov8n.onnx", NULL, &detector) != SAKER_OK) puts(saker_error_message());
 *   if (saker_detect_file(detector, "street.jpg", NULL, &result) != SAKER_OK) puts(saker_error_message());
 *   ... saker_result_boxes(result)[i], saker_result_label(result, i) ...
 *   saker_result_free(result);
 *   saker_detector_free(detector);
 *
 * Functions that can fail return a status; other than SAKER_OK, saker_error_message() says what is wrong and what to do
 * about it, and what the last parameter points to is set to NULL. Nothing throws, prints or ends the program. NULL for
 * a handle, a path or a place to write to is an error like any other; NULL for options means the defaults.
 *
 * Texts are UTF-8, end with a zero byte and belong to the library. All functions may be called from any thread.
 */
#ifndef SAKER_H
#define SAKER_H

#include <stddef.h>

#if defined(__GNUC__)
#define SAKER_API __attribute__((visibility("default")))
#else
#define SAKER_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* What this header knows; functions, values of enums and fields at the end of structs are added, none is taken away. */
#define SAKER_API_LEVEL 1

enum {
  SAKER_OK = 0,
  SAKER_INVALID = 1,     /* the model, picture or argument breaks a rule of its format */
  SAKER_UNSUPPORTED = 2, /* valid, but not something this build can do */
  SAKER_NOT_FOUND = 3,   /* a file or a name that does not exist */
  SAKER_IO = 4,          /* reading failed */
  SAKER_LIMIT = 5,       /* a bound on memory, size or count was hit */
  SAKER_INTERNAL = 6     /* a fault of the library itself */
};

enum { SAKER_RGB = 0, SAKER_BGR = 1 }; /* 3 bytes a pixel */

/* A loaded model, ready to run. Calls with one detector wait for each other; saker_detector_clone() makes another for
 * pictures at the same time, with the same weights in memory. */
typedef struct saker_detector saker_detector;

/* The boxes of one picture. Unchanging; outlives its detector. */
typedef struct saker_result saker_result;

typedef struct saker_box {
  int class_id;
  float score;          /* 0..1 */
  float x1, y1, x2, y2; /* corners in pixels of the picture */
} saker_box;

/* How a model is loaded. saker_options_init() first, then what is to differ. */
typedef struct saker_options {
  size_t size;           /* of this struct, set by saker_options_init() */
  const char* backend;   /* NULL: "saker"; "auto" or the name of another engine's plug-in */
  const char* precision; /* NULL: "f32"; "bf16", "auto" */
  const char* head;      /* NULL: found by evidence; "yolov8", ... */
  const char* labels;    /* NULL: the model's own; a file with a label a line, or a data.yaml */
  int threads;           /* of one call; 0: one per CPU that this process may use */
  int height, width;     /* of the model's input; 0: the model's own */
  int batch;             /* pictures that saker_detect_many() runs at a time; 0: 1 */
  int low_memory;        /* not 0: slower kernels where the fast ones keep larger weights */
  int autotune;          /* not 0: measures how to compute each layer when loading: seconds, kept in the cache folder */
  size_t max_memory;     /* bytes of activations and weights; 0: 8 GiB */
  size_t max_pixels;     /* of a picture in a file; 0: 100 million */
} saker_options;

/* Which boxes a call gives. saker_box_options_init() first, then what is to differ. */
typedef struct saker_box_options {
  size_t size;        /* of this struct, set by saker_box_options_init() */
  float conf;         /* boxes with a lower score are dropped; 0.25 */
  float iou;          /* above which overlapping boxes are one; negative, the default: the head's own */
  int max_boxes;      /* 300 */
  int multi_label;    /* not 0: a box may carry several classes */
  int agnostic;       /* not 0: overlapping boxes of different classes are one, too */
  const int* classes; /* keep only these */
  size_t class_count; /* of classes; 0: all are kept */
} saker_box_options;

/* Pixels of the caller's; read during the call only. saker_pixels_init() first. */
typedef struct saker_pixels {
  size_t size;               /* of this struct, set by saker_pixels_init() */
  const unsigned char* data; /* row y starts at data + y * stride */
  int width, height;         /* pixels */
  ptrdiff_t stride;          /* bytes; 0: 3 * width */
  int format;                /* SAKER_RGB, SAKER_BGR */
} saker_pixels;

/* Milliseconds of one call, divided by its number of pictures. */
typedef struct saker_times {
  size_t size; /* of this struct, set by the caller */
  double decode, preprocess, infer, postprocess;
} saker_times;

/* --- the library --- */

SAKER_API const char* saker_version(void);           /* "0.1.0" */
SAKER_API int saker_api_level(void);                 /* SAKER_API_LEVEL of the library that runs */
SAKER_API const char* saker_status_name(int status); /* "SAKER_INVALID"; "unknown status" */

/* Of this thread's last call that failed; valid until the next one that does. Before any: SAKER_OK and "". */
SAKER_API int saker_error_code(void);
SAKER_API const char* saker_error_message(void);
SAKER_API const char* saker_error_setting(void); /* the field of the options that would change it; "": none */

/* `size` is sizeof the struct: so the library knows which fields the program was compiled with. */
SAKER_API int saker_options_init(saker_options* options, size_t size);
SAKER_API int saker_box_options_init(saker_box_options* options, size_t size);
SAKER_API int saker_pixels_init(saker_pixels* pixels, size_t size);

/* --- a detector --- */

/* `path`: an ONNX file, an OpenVINO IR, or a checkpoint (.pt). */
SAKER_API int saker_detector_load(const char* path, const saker_options* options, saker_detector** detector);
/* The file's bytes, copied; `name` is for messages. */
SAKER_API int saker_detector_parse(const void* bytes, size_t size, const char* name, const saker_options* options,
                                   saker_detector** detector);
/* Waits for a call that is at work with `source`. */
SAKER_API int saker_detector_clone(saker_detector* source, saker_detector** detector);
/* NULL: nothing. No call may be at work with it. */
SAKER_API void saker_detector_free(saker_detector* detector);

/* Of NULL: 0 and "". Texts are valid as long as the detector. */
SAKER_API int saker_detector_input_height(const saker_detector* detector);
SAKER_API int saker_detector_input_width(const saker_detector* detector);
SAKER_API int saker_detector_batch(const saker_detector* detector);
SAKER_API int saker_detector_class_count(const saker_detector* detector);
SAKER_API const char* saker_detector_label(const saker_detector* detector, int class_id); /* "" if there is no such */
SAKER_API const char* saker_detector_head(const saker_detector* detector);                /* "yolov8" */
SAKER_API const char* saker_detector_backend(const saker_detector* detector);             /* "saker" */

/* --- pictures in, boxes out --- */

SAKER_API int saker_detect_file(saker_detector* detector, const char* path, const saker_box_options* options,
                                saker_result** result);
/* The bytes of a picture's file: JPEG, PNG, ... */
SAKER_API int saker_detect_encoded(saker_detector* detector, const void* bytes, size_t size,
                                   const saker_box_options* options, saker_result** result);
SAKER_API int saker_detect_pixels(saker_detector* detector, const saker_pixels* pixels,
                                  const saker_box_options* options, saker_result** result);
/* Of each picture a result, in results[0] to results[count - 1]; after an error all of them are NULL. */
SAKER_API int saker_detect_many(saker_detector* detector, const saker_pixels* const* pixels, size_t count,
                                const saker_box_options* options, saker_result** results);

/* Of NULL: 0, "" and NULL. Valid as long as the result. */
SAKER_API size_t saker_result_count(const saker_result* result);
SAKER_API const saker_box* saker_result_boxes(const saker_result* result);          /* best score first; NULL: none */
SAKER_API const char* saker_result_label(const saker_result* result, size_t index); /* of that box */
SAKER_API int saker_result_width(const saker_result* result);                       /* of the picture, pixels */
SAKER_API int saker_result_height(const saker_result* result);
SAKER_API int saker_result_times(const saker_result* result, saker_times* times);
/* NULL: nothing. */
SAKER_API void saker_result_free(saker_result* result);

#ifdef __cplusplus
}
#endif
#endif
