import com.hivemq.configuration.service.InternalConfigurations;
import com.hivemq.embedded.EmbeddedHiveMQ;
import java.nio.file.Path;

/** HiveMQ Community Edition that lets anybody in. Argument: a folder with conf/config.xml, where it also keeps its sessions. */
public final class mqtt_hivemq_broker {
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    InternalConfigurations.AUTH_DENY_UNAUTHENTICATED_CONNECTIONS.set(false);
    EmbeddedHiveMQ broker = EmbeddedHiveMQ.builder()
        .withConfigurationFolder(folder.resolve("conf"))
        .withDataFolder(folder.resolve("data"))
        .withExtensionsFolder(folder.resolve("extensions"))
        .build();
    broker.start().join();
    System.out.println("ready");
    Thread.currentThread().join();
  }
}
