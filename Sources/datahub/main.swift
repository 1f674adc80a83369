import Commands
import Glibc
import MongoKit

MongoLibrary.removeCounters()
exit(await runDatahub(Array(CommandLine.arguments.dropFirst())))
