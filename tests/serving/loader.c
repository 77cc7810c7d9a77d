/* TensorFlow Serving's loader without the server: loads a SavedModel and runs it. No Python, none of
   our code.

     loader run DIR THREADS          loads DIR with the tag `serve`, then obeys the lines of stdin:
       feed NAME TYPE DIMS FILE        feeds a tensor (TF_DataType number, "3,64" or "-", raw bytes)
       fetch NAME FILE                 fetches a tensor into FILE: "TYPE DIMS\n", then raw bytes;
                                       strings each behind their length (8 bytes)
       run TIMES                       runs, prints "run MICROSECONDS..." or "error CODE MESSAGE",
                                       writes the last outputs, and forgets feeds and fetches
     loader poll DIR POLLS MICROS VERSIONS
                                     lists DIR as a server does, so often and until it has seen so
                                     many versions; loads each new one, runs the lines of stdin
                                     ("feed", "fetch") on it; prints "version NUMBER ok" or
                                     "version NUMBER error MESSAGE", and "polls NUMBER" at the end

   THREADS: threads inside an operation; 0: TensorFlow's default. All other options are the default
   ones, which are also the server's. */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tensorflow/c/c_api.h"
#include "tensorflow/c/tf_tstring.h"

#define MOST 16
#define TEXT 4096

typedef struct {
  char name[TEXT], file[TEXT];
  TF_Tensor* value;
} Slot;

static Slot feeds[MOST], fetches[MOST];
static int num_feeds, num_fetches;

static void die(const char* what, const char* why) {
  fprintf(stderr, "%s: %s\n", what, why);
  exit(2);
}

static double micros(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static TF_Tensor* read_tensor(int type, const char* text, const char* path) {
  int64_t dims[8], total = 1;
  int rank = 0;
  char copy[TEXT];
  snprintf(copy, sizeof copy, "%s", strcmp(text, "-") ? text : "");
  for (char* d = strtok(copy, ","); d && rank < 8; d = strtok(NULL, ","))
    total *= dims[rank++] = atoll(d);
  size_t size = total * TF_DataTypeSize(type);
  TF_Tensor* tensor = TF_AllocateTensor(type, dims, rank, size);
  FILE* file = fopen(path, "rb");
  if (!file) die(path, "cannot be opened");
  if (fread(TF_TensorData(tensor), 1, size, file) != size) die(path, "is too short");
  fclose(file);
  return tensor;
}

static void write_tensor(TF_Tensor* tensor, const char* path) {
  FILE* file = fopen(path, "wb");
  if (!file) die(path, "cannot be opened");
  int64_t total = 1;
  fprintf(file, "%d ", (int)TF_TensorType(tensor));
  for (int i = 0; i < TF_NumDims(tensor); i++) {
    total *= TF_Dim(tensor, i);
    fprintf(file, "%s%lld", i ? "," : "", (long long)TF_Dim(tensor, i));
  }
  fputc('\n', file);
  if (TF_TensorType(tensor) == TF_STRING) {
    TF_TString* strings = TF_TensorData(tensor);
    for (int64_t i = 0; i < total; i++) {
      int64_t size = TF_StringGetSize(&strings[i]);
      fwrite(&size, 8, 1, file);
      fwrite(TF_StringGetDataPointer(&strings[i]), 1, size, file);
    }
  } else {
    fwrite(TF_TensorData(tensor), 1, TF_TensorByteSize(tensor), file);
  }
  if (fclose(file)) die(path, "cannot be written");
}

static TF_Session* load(const char* dir, int threads, TF_Graph** graph, TF_Status* status) {
  TF_SessionOptions* options = TF_NewSessionOptions();
  if (threads) { /* ConfigProto.intra_op_parallelism_threads is field 2, a varint */
    unsigned char config[2] = {0x10, (unsigned char)threads};
    TF_SetConfig(options, config, sizeof config, status);
  }
  const char* tags[] = {"serve"};
  *graph = TF_NewGraph();
  TF_Session* session =
      TF_LoadSessionFromSavedModel(options, NULL, dir, tags, 1, *graph, NULL, status);
  TF_DeleteSessionOptions(options);
  return session;
}

static TF_Output find(TF_Graph* graph, const char* name) { /* "operation:index" */
  char operation[TEXT];
  snprintf(operation, sizeof operation, "%s", name);
  char* colon = strrchr(operation, ':');
  if (!colon) die(name, "has no index");
  *colon = 0;
  TF_Output output = {TF_GraphOperationByName(graph, operation), atoi(colon + 1)};
  if (!output.oper) die(name, "is not in the graph");
  return output;
}

static void run(TF_Session* session, TF_Graph* graph, TF_Status* status) {
  TF_Output from[MOST], to[MOST];
  TF_Tensor* values[MOST];
  for (int i = 0; i < num_feeds; i++) {
    from[i] = find(graph, feeds[i].name);
    values[i] = feeds[i].value;
  }
  for (int i = 0; i < num_fetches; i++) {
    to[i] = find(graph, fetches[i].name);
    if (fetches[i].value) TF_DeleteTensor(fetches[i].value);
    fetches[i].value = NULL;
  }
  TF_Tensor* outputs[MOST] = {NULL};
  TF_SessionRun(session, NULL, from, values, num_feeds, to, outputs, num_fetches, NULL, 0, NULL,
                status);
  for (int i = 0; i < num_fetches; i++) fetches[i].value = outputs[i];
}

static const char* message(TF_Status* status) { /* in one line */
  static char text[TEXT];
  snprintf(text, sizeof text, "%s", TF_Message(status));
  for (char* c = text; *c; c++)
    if (*c == '\n') *c = ' ';
  return text;
}

/* Obeys one line; returns 0 where it is "run". */
static int take(char* line, int* times) {
  char dims[TEXT];
  int type;
  Slot* feed = &feeds[num_feeds];
  Slot* fetch = &fetches[num_fetches];
  if (num_feeds == MOST || num_fetches == MOST) die(line, "too many");
  if (sscanf(line, "feed %4095s %d %4095s %4095s", feed->name, &type, dims, feed->file) == 4) {
    feed->value = read_tensor(type, dims, feed->file);
    num_feeds++;
  } else if (sscanf(line, "fetch %4095s %4095s", fetch->name, fetch->file) == 2) {
    num_fetches++;
  } else if (sscanf(line, "run %d", times) == 1) {
    return 0;
  } else {
    die(line, "is no order");
  }
  return 1;
}

static void obey(TF_Session* session, TF_Graph* graph, TF_Status* status, int times) {
  double* taken = calloc(times, sizeof *taken);
  TF_SetStatus(status, TF_OK, "");
  for (int i = 0; i < times && TF_GetCode(status) == TF_OK; i++) {
    double start = micros();
    run(session, graph, status);
    taken[i] = micros() - start;
  }
  if (TF_GetCode(status) == TF_OK) {
    printf("run");
    for (int i = 0; i < times; i++) printf(" %.1f", taken[i]);
    puts("");
    for (int i = 0; i < num_fetches; i++) write_tensor(fetches[i].value, fetches[i].file);
  } else {
    printf("error %d %s\n", (int)TF_GetCode(status), message(status));
  }
  fflush(stdout);
  for (int i = 0; i < num_feeds; i++) TF_DeleteTensor(feeds[i].value);
  for (int i = 0; i < num_fetches; i++) {
    if (fetches[i].value) TF_DeleteTensor(fetches[i].value);
    fetches[i].value = NULL;
  }
  num_feeds = num_fetches = 0;
  free(taken);
}

static void look(const char* dir, long version) {
  char path[TEXT];
  TF_Graph* graph;
  TF_Status* status = TF_NewStatus();
  snprintf(path, sizeof path, "%s/%ld", dir, version);
  TF_Session* session = load(path, 0, &graph, status);
  if (TF_GetCode(status) == TF_OK) run(session, graph, status);
  if (TF_GetCode(status) == TF_OK) {
    for (int i = 0; i < num_fetches; i++) {
      snprintf(path, sizeof path, "%s.%ld", fetches[i].file, version);
      write_tensor(fetches[i].value, path);
    }
    printf("version %ld ok\n", version);
  } else {
    printf("version %ld error %s\n", version, message(status));
  }
  fflush(stdout);
  if (session) {
    TF_CloseSession(session, status);
    TF_DeleteSession(session, status);
  }
  TF_DeleteGraph(graph);
  TF_DeleteStatus(status);
}

static void poll(const char* dir, long polls, long pause, int versions) {
  static long known[TEXT];
  int num_known = 0;
  long i;
  for (i = 0; i < polls || (num_known < versions && i < 20 * polls); i++) {
    long found[TEXT];
    int num_found = 0;
    DIR* entries = opendir(dir);
    for (struct dirent* e; entries && (e = readdir(entries));) {
      char* end;
      long version = strtol(e->d_name, &end, 10);
      if (!*end && end != e->d_name && num_found < TEXT) found[num_found++] = version;
    }
    if (entries) closedir(entries);
    for (int j = 0; j < num_found; j++) {
      int old = 0;
      for (int k = 0; k < num_known; k++) old |= known[k] == found[j];
      if (old) continue;
      known[num_known++] = found[j];
      look(dir, found[j]);
    }
    usleep(pause);
  }
  printf("polls %ld\n", i);
}

int main(int argc, char** argv) {
  char line[4 * TEXT];
  int times = 0, polling = argc == 6 && !strcmp(argv[1], "poll");
  if (!polling && (argc != 4 || strcmp(argv[1], "run"))) die(argv[0], "run DIR THREADS | poll ...");
  if (polling) {
    while (fgets(line, sizeof line, stdin)) take(line, &times);
    poll(argv[2], atol(argv[3]), atol(argv[4]), atoi(argv[5]));
    return 0;
  }
  TF_Graph* graph;
  TF_Status* status = TF_NewStatus();
  double start = micros();
  TF_Session* session = load(argv[2], atoi(argv[3]), &graph, status);
  if (TF_GetCode(status) != TF_OK) die(argv[2], message(status));
  printf("loaded %.1f\n", micros() - start);
  fflush(stdout);
  while (fgets(line, sizeof line, stdin))
    if (!take(line, &times)) obey(session, graph, status, times);
  return 0;
}
