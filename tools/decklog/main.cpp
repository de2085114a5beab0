#include "tools/decklog/command_line.hpp"

int main(int argc, char** argv) { return decklog::cli::run(argc, argv); }
