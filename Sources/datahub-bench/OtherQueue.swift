import Glibc

/// A queue by others that keeps its tasks in a file of SQLite's, used as its documentation says, every commit flushed.
struct OtherQueue: Sendable {
  let name: String
  private let program: @Sendable () throws -> String
  private let script: String

  /// How many tasks a second it takes in, hands out and finishes.
  func rate(tasks: Int, processes: Int) throws -> Double {
    let folder = try TemporaryFolder()
    try folder.write(script, to: "queue")
    let output = try datahub_bench.run(
      try program(), [folder.path + "/queue", folder.path, "\(tasks)", "\(processes)"]
    ).output
    guard let seconds = output.split(whereSeparator: \.isWhitespace).last.flatMap({ Double($0) }) else {
      throw BenchError("\(name) said:\n\(output)")
    }
    return Double(tasks) / seconds
  }

  /// PyPI's huey: a task is gone once it is handed out, so that one whose worker dies is lost.
  static let huey = OtherQueue(
    name: "PyPI's huey 3.5.4",
    program: { try BenchTools.python() },
    script: """
      import os, sys, time
      from huey import SqliteHuey

      folder, tasks, processes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
      done = []

      def open_queue():
          queue = SqliteHuey("bench", filename=folder + "/huey.db", fsync=True, timeout=60, results=False)
          queue.work = queue.task()(work)
          return queue

      def work(number):
          done.append(number)

      queue = open_queue()
      start = time.perf_counter()
      for number in range(tasks):
          queue.work(number)
      queued = time.perf_counter() - start
      queue.storage.close()

      def drain():
          queue = open_queue()
          read_ready.close()
          write_ready.write("r")
          write_ready.close()
          write_go.close()
          read_go.read(1)
          while True:
              task = queue.dequeue()
              if task is None:
                  break
              queue.execute(task)
          with open(folder + "/done-%d" % os.getpid(), "w") as file:
              file.write(str(len(done)))

      children = []
      ready, go = os.pipe(), os.pipe()
      read_ready, write_ready = os.fdopen(ready[0]), os.fdopen(ready[1], "w")
      read_go, write_go = os.fdopen(go[0]), os.fdopen(go[1], "w")
      for _ in range(processes):
          child = os.fork()
          if child == 0:
              drain()
              os._exit(0)
          children.append(child)
      write_ready.close()
      read_ready.read()
      start = time.perf_counter()
      write_go.close()
      for child in children:
          os.waitpid(child, 0)
      drained = time.perf_counter() - start
      finished = sum(int(open(folder + "/" + name).read()) for name in os.listdir(folder) if name.startswith("done-"))
      if finished != tasks:
          sys.exit("%d of %d" % (finished, tasks))
      print(queued + drained)
      """)

  /// Debian's Minion with its backend for SQLite.
  static let minion = OtherQueue(
    name: "Debian's Minion 10.25",
    program: {
      guard access("/usr/share/perl5/Minion/Backend/SQLite.pm", R_OK) == 0 else {
        throw BenchError("Debian's libminion-perl is not installed to measure against: run '.ci/setup bench' first")
      }
      return "/usr/bin/perl"
    },
    script: """
      use strict;
      use warnings;
      use Minion;
      use Time::HiRes 'time';

      my ($folder, $tasks, $processes) = @ARGV;

      sub open_queue {
        my $minion = Minion->new(SQLite => "sqlite:$folder/minion.db");
        $minion->backend->sqlite->on(connection => sub {
          my ($sqlite, $database) = @_;
          $database->do('pragma synchronous=FULL');
          $database->sqlite_busy_timeout(60_000);
        });
        $minion->add_task(work => sub { });
        return $minion;
      }

      my $start = time;
      {
        my $minion = open_queue();
        $minion->enqueue(work => [$_]) for 1 .. $tasks;
      }
      my $queued = time - $start;

      pipe my $ready_read, my $ready_write;
      pipe my $go_read, my $go_write;
      my @children;
      for (1 .. $processes) {
        my $child = fork;
        if ($child == 0) {
          my $minion = open_queue();
          my $worker = $minion->worker->register;
          close $ready_write;
          close $go_write;
          <$go_read>;
          my $count = 0;
          while (my $job = $worker->dequeue(0)) {
            $job->finish;
            $count++;
          }
          $worker->unregister;
          open my $file, '>', "$folder/done-$$";
          print $file $count;
          close $file;
          exit 0;
        }
        push @children, $child;
      }
      close $ready_write;
      <$ready_read>;
      $start = time;
      close $go_write;
      waitpid $_, 0 for @children;
      my $drained = time - $start;
      my $finished = 0;
      for my $name (glob "$folder/done-*") {
        open my $file, '<', $name;
        $finished += <$file>;
      }
      die "$finished of $tasks" if $finished != $tasks;
      print $queued + $drained, "\\n";
      """)
}
