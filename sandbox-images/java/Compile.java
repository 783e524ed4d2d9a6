import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TaskEvent;
import com.sun.source.util.TaskListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ForwardingJavaFileObject;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;

/**
 * Compiles a main file and its companions. It differs from javac in two ways: the main file may hold a public class of
 * any name, as with "java Main.java", and the arguments that run the program are left in a file.
 */
final class Compile {
    private static final Path CLASSES = Path.of("/tmp/classes");
    private static final Path RUN_ARGUMENTS = Path.of("/tmp/run.args");

    /** The main file, then all sources. */
    public static void main(String[] arguments) throws IOException {
        Files.createDirectories(CLASSES);
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            var mainFile = new MainFile(files.getJavaFileObjects(arguments[0]).iterator().next());
            var units = new ArrayList<JavaFileObject>(List.of(mainFile));
            var companions = List.of(arguments).subList(1, arguments.length).stream().filter(file -> !file.equals(arguments[0]));
            files.getJavaFileObjects(companions.toArray(String[]::new)).forEach(units::add);

            var options = List.of("-d", CLASSES.toString(), "-proc:none");
            var task = (JavacTask) compiler.getTask(null, files, null, options, null, units);
            task.addTaskListener(new TaskListener() {
                @Override
                public void finished(TaskEvent event) {
                    // The compiler hands out wrappers of what it was given.
                    var isMain = event.getSourceFile() != null && event.getSourceFile().toUri().equals(mainFile.toUri());
                    if (isMain && event.getKind() == TaskEvent.Kind.PARSE) leaveRunArguments(event.getCompilationUnit());
                }
            });
            if (!task.call()) System.exit(1);
        }
    }

    private static void leaveRunArguments(CompilationUnitTree unit) {
        var types = unit.getTypeDecls().stream().filter(ClassTree.class::isInstance).map(ClassTree.class::cast).toList();
        var main = types.stream().filter(Compile::hasMain).findFirst().or(() -> types.stream().findFirst());
        var name = main.map(type -> type.getSimpleName().toString()).orElse("Main");
        var qualified = unit.getPackageName() == null ? name : unit.getPackageName() + "." + name;
        try {
            Files.writeString(RUN_ARGUMENTS, "-cp " + CLASSES + ":. " + qualified + "\n");
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    private static boolean hasMain(ClassTree type) {
        return type.getMembers().stream().anyMatch(member -> member instanceof MethodTree method && method.getName().contentEquals("main"));
    }

    private static final class MainFile extends ForwardingJavaFileObject<JavaFileObject> {
        MainFile(JavaFileObject file) {
            super(file);
        }

        @Override
        public boolean isNameCompatible(String simpleName, Kind kind) {
            return true;
        }
    }
}
