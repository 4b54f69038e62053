// The command of a package whose code lies in one shared object (whole.cmake).
extern "C" int saker_command(int argc, char** argv);

int main(int argc, char** argv) { return saker_command(argc, argv); }
