/*
 * An OPC UA server by others (Eclipse Milo, in Java) for the interop tests: all policies and modes that it has; anonymous
 * users, `operator` / `secret`, and users with any certificate. In the folder 2:Plant (namespace urn:test:plant): Counter,
 * which grows by one every 20 ms; Level, with a range from 0 to 200, which follows it; Values, with a variable per type;
 * and Server's own nodes, whose enumerations and structures it defines itself.
 *
 * java -cp ... opcua_milo_server.java PORT FOLDER
 * writes its certificate to FOLDER/certificate.der and prints `ready`.
 */

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ulong;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.server.EndpointConfig;
import org.eclipse.milo.opcua.sdk.server.ManagedNamespaceWithLifecycle;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.OpcUaServerConfig;
import org.eclipse.milo.opcua.sdk.server.identity.AnonymousIdentityValidator;
import org.eclipse.milo.opcua.sdk.server.identity.CompositeValidator;
import org.eclipse.milo.opcua.sdk.server.identity.UsernameIdentityValidator;
import org.eclipse.milo.opcua.sdk.server.identity.X509IdentityValidator;
import org.eclipse.milo.opcua.sdk.server.items.DataItem;
import org.eclipse.milo.opcua.sdk.server.items.MonitoredItem;
import org.eclipse.milo.opcua.sdk.server.nodes.UaFolderNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.sdk.server.util.SubscriptionModel;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.security.CertificateValidator;
import org.eclipse.milo.opcua.stack.core.security.DefaultApplicationGroup;
import org.eclipse.milo.opcua.stack.core.security.DefaultCertificateManager;
import org.eclipse.milo.opcua.stack.core.security.MemoryCertificateQuarantine;
import org.eclipse.milo.opcua.stack.core.security.MemoryCertificateStore;
import org.eclipse.milo.opcua.stack.core.security.MemoryTrustListManager;
import org.eclipse.milo.opcua.stack.core.security.RsaSha256CertificateFactory;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;
import org.eclipse.milo.opcua.stack.core.types.structured.Range;
import org.eclipse.milo.opcua.stack.core.util.SelfSignedCertificateBuilder;
import org.eclipse.milo.opcua.stack.transport.server.tcp.OpcTcpServerTransport;
import org.eclipse.milo.opcua.stack.transport.server.tcp.OpcTcpServerTransportConfig;

class Milo {
  static final String APPLICATION_URI = "urn:test:milo";

  public static void main(String[] arguments) throws Exception {
    int port = Integer.parseInt(arguments[0]);
    Path folder = Path.of(arguments[1]);
    Files.createDirectories(folder);
    Security.addProvider(new BouncyCastleProvider()); // Aes256_Sha256_RsaPss takes its signatures from there

    var factory = new RsaSha256CertificateFactory() {
      @Override
      protected X509Certificate[] createRsaSha256CertificateChain(KeyPair keys) throws Exception {
        var builder = new SelfSignedCertificateBuilder(keys).setCommonName("milo").setApplicationUri(APPLICATION_URI);
        return new X509Certificate[] {builder.addIpAddress("127.0.0.1").build()};
      }
    };
    CertificateValidator takeAll = (chain, uri, hosts) -> {};
    var group = DefaultApplicationGroup.createAndInitialize(
        new MemoryTrustListManager(), new MemoryCertificateStore(), factory, takeAll);
    var certificate = group.getCertificateChain(NodeIds.RsaSha256ApplicationCertificateType).orElseThrow()[0];
    Files.write(folder.resolve("certificate.der"), certificate.getEncoded());

    var users = new CompositeValidator(
        AnonymousIdentityValidator.INSTANCE,
        new UsernameIdentityValidator(challenge ->
            challenge.getUsername().equals("operator") && challenge.getPassword().equals("secret")),
        new X509IdentityValidator(user -> true));
    var config = OpcUaServerConfig.builder()
        .setApplicationName(LocalizedText.english("milo"))
        .setApplicationUri(APPLICATION_URI)
        .setProductUri(APPLICATION_URI)
        .setEndpoints(endpoints(port, certificate))
        .setCertificateManager(new DefaultCertificateManager(new MemoryCertificateQuarantine(), group))
        .setIdentityValidator(users)
        .build();
    var transport = OpcTcpServerTransportConfig.newBuilder().build();
    var server = new OpcUaServer(config, profile -> new OpcTcpServerTransport(transport));
    new Plant(server).startup();
    server.startup().get();
    System.out.println("ready");
  }

  static Set<EndpointConfig> endpoints(int port, X509Certificate certificate) {
    Set<EndpointConfig> endpoints = new LinkedHashSet<>();
    for (SecurityPolicy policy : List.of(
        SecurityPolicy.None, SecurityPolicy.Basic128Rsa15, SecurityPolicy.Basic256, SecurityPolicy.Basic256Sha256,
        SecurityPolicy.Aes128_Sha256_RsaOaep, SecurityPolicy.Aes256_Sha256_RsaPss)) {
      var modes = policy == SecurityPolicy.None
          ? List.of(MessageSecurityMode.None)
          : List.of(MessageSecurityMode.Sign, MessageSecurityMode.SignAndEncrypt);
      for (MessageSecurityMode mode : modes) {
        endpoints.add(EndpointConfig.newBuilder()
            .setBindAddress("127.0.0.1").setBindPort(port).setHostname("127.0.0.1")
            .setCertificate(certificate).setSecurityPolicy(policy).setSecurityMode(mode)
            .addTokenPolicies(
                OpcUaServerConfig.USER_TOKEN_POLICY_ANONYMOUS,
                OpcUaServerConfig.USER_TOKEN_POLICY_USERNAME,
                OpcUaServerConfig.USER_TOKEN_POLICY_X509)
            .build());
      }
    }
    return endpoints;
  }
}

class Plant extends ManagedNamespaceWithLifecycle {
  private final SubscriptionModel subscriptions;

  Plant(OpcUaServer server) {
    super(server, "urn:test:plant");
    subscriptions = new SubscriptionModel(server, this);
    getLifecycleManager().addLifecycle(subscriptions);
    getLifecycleManager().addStartupTask(this::addNodes);
  }

  private void addNodes() {
    var plant = folder("Plant", NodeIds.ObjectsFolder);
    var values = folder("Values", plant.getNodeId());
    var counter = variable(plant, "Counter", NodeIds.UInt32, uint(0));
    var level = variable(plant, "Level", NodeIds.Double, 0.0);
    var range = variable(null, "0:EURange", NodeIds.Range, new Range(0.0, 200.0));
    level.addReference(new Reference(level.getNodeId(), NodeIds.HasProperty, range.getNodeId().expanded(), true));
    Map.of(
        "Boolean", new Object[] {NodeIds.Boolean, true},
        "Double", new Object[] {NodeIds.Double, 0.1},
        "UInt64", new Object[] {NodeIds.UInt64, ulong("18446744073709551615")},
        "String", new Object[] {NodeIds.String, "Größe 5 µm"},
        "Guid", new Object[] {NodeIds.Guid, UUID.fromString("72962b91-fa75-4ae6-8d28-b404dc7daf63")},
        "Doubles", new Object[] {NodeIds.Double, new Double[] {1.0, -2.5}},
        "Range", new Object[] {NodeIds.Range, new Range(-1.0, 1.0)}
    ).forEach((name, value) -> variable(values, name, (NodeId) value[0], value[1]));

    var count = new AtomicLong();
    Executors.newSingleThreadScheduledExecutor().scheduleAtFixedRate(() -> {
      long now = count.incrementAndGet();
      counter.setValue(new DataValue(new Variant(uint(now))));
      level.setValue(new DataValue(new Variant((double) now)));
    }, 20, 20, TimeUnit.MILLISECONDS);
  }

  private UaFolderNode folder(String name, NodeId parent) {
    var folder = new UaFolderNode(
        getNodeContext(), newNodeId(name), newQualifiedName(name), LocalizedText.english(name));
    getNodeManager().addNode(folder);
    folder.addReference(new Reference(folder.getNodeId(), NodeIds.Organizes, parent.expanded(), false));
    return folder;
  }

  private UaVariableNode variable(UaFolderNode parent, String name, NodeId type, Object value) {
    boolean isStandard = name.startsWith("0:");
    var node = new UaVariableNode.UaVariableNodeBuilder(getNodeContext())
        .setNodeId(newNodeId(name))
        .setBrowseName(isStandard
            ? new org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName(0, name.substring(2))
            : newQualifiedName(name))
        .setDisplayName(LocalizedText.english(name))
        .setDataType(type)
        .setValueRank(value.getClass().isArray() ? 1 : -1)
        .setTypeDefinition(isStandard ? NodeIds.PropertyType : NodeIds.BaseDataVariableType)
        .setMinimumSamplingInterval(0.0)
        .build();
    boolean isStructure = value instanceof Range;
    node.setValue(new DataValue(new Variant(isStructure
        ? org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject.encode(
            getServer().getStaticEncodingContext(), (Range) value)
        : value)));
    getNodeManager().addNode(node);
    if (parent != null) parent.addOrganizes(node);
    return node;
  }

  @Override
  public void onDataItemsCreated(List<DataItem> items) {
    subscriptions.onDataItemsCreated(items);
  }

  @Override
  public void onDataItemsModified(List<DataItem> items) {
    subscriptions.onDataItemsModified(items);
  }

  @Override
  public void onDataItemsDeleted(List<DataItem> items) {
    subscriptions.onDataItemsDeleted(items);
  }

  @Override
  public void onMonitoringModeChanged(List<MonitoredItem> items) {
    subscriptions.onMonitoringModeChanged(items);
  }
}
