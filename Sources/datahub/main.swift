import Commands
import Glibc

exit(await runDatahub(Array(CommandLine.arguments.dropFirst())))
