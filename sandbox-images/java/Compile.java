import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TaskEvent;
import com.sun.source.util.TaskListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ForwardingJavaFileObject;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;

/**
 * Compiles a main file and its companions. It differs from javac in two ways: the main file may hold a public class of
 * any name, as with "java Main.java", and the arguments that run the program are left in a file. Where the main file has no
 * main method, the first of the others that has one is run.
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
            // In this order the first is run. Later the compiler takes its trees apart.
            var mains = new ArrayList<String>();
            var others = new ArrayList<String>();
            task.addTaskListener(new TaskListener() {
                @Override
                public void finished(TaskEvent event) {
                    if (event.getKind() != TaskEvent.Kind.PARSE) return;
                    var unit = event.getCompilationUnit();
                    // The compiler hands out wrappers of what it was given.
                    var isMain = event.getSourceFile().toUri().equals(mainFile.toUri());
                    var found = types(unit).filter(Compile::hasMain).map(type -> qualifiedName(unit, type)).toList();
                    mains.addAll(isMain ? 0 : mains.size(), found);
                    if (isMain) types(unit).findFirst().ifPresent(type -> others.add(qualifiedName(unit, type)));
                }
            });
            if (!task.call()) System.exit(1);
            var name = Stream.of(mains, others, List.of("Main")).flatMap(List::stream).findFirst().orElseThrow();
            Files.writeString(RUN_ARGUMENTS, "-cp " + CLASSES + ":. " + name + "\n");
        }
    }

    private static Stream<ClassTree> types(CompilationUnitTree unit) {
        return unit.getTypeDecls().stream().filter(ClassTree.class::isInstance).map(ClassTree.class::cast);
    }

    private static String qualifiedName(CompilationUnitTree unit, ClassTree type) {
        return unit.getPackageName() == null ? type.getSimpleName().toString() : unit.getPackageName() + "." + type.getSimpleName();
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
