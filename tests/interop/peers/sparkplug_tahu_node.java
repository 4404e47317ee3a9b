import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.eclipse.tahu.edge.EdgeClient;
import org.eclipse.tahu.edge.api.MetricHandler;
import org.eclipse.tahu.message.SparkplugBPayloadDecoder;
import org.eclipse.tahu.message.SparkplugBPayloadEncoder;
import org.eclipse.tahu.message.model.*;
import org.eclipse.tahu.message.model.DataSet.DataSetBuilder;
import org.eclipse.tahu.message.model.Metric.MetricBuilder;
import org.eclipse.tahu.message.model.PropertySet.PropertySetBuilder;
import org.eclipse.tahu.message.model.Row.RowBuilder;
import org.eclipse.tahu.message.model.SparkplugBPayload.SparkplugBPayloadBuilder;
import org.eclipse.tahu.message.model.SparkplugBPayloadMap.SparkplugBPayloadMapBuilder;
import org.eclipse.tahu.message.model.Template.TemplateBuilder;
import org.eclipse.tahu.model.MqttServerDefinition;
import org.eclipse.tahu.mqtt.ClientCallback;
import org.eclipse.tahu.mqtt.MqttClientId;
import org.eclipse.tahu.mqtt.MqttServerName;
import org.eclipse.tahu.mqtt.MqttServerUrl;
import org.eclipse.tahu.util.CompressionAlgorithm;
import org.eclipse.tahu.util.PayloadUtil;
import org.eclipse.tahu.util.TopicUtil;

/**
 * An edge node on Eclipse Tahu: plant/line1 with the device oven. Arguments: port of the broker, and the primary host to
 * wait for ("-" for none). It does what the lines that come over a TCP port of its own say, each answered by "ok".
 */
final class TahuNode implements MetricHandler, ClientCallback {
  static final EdgeNodeDescriptor NODE = new EdgeNodeDescriptor("plant", "line1");
  static final Topic DEATH = new Topic("spBv1.0", "plant", "line1", MessageType.NDEATH);
  static final Date BORN = new Date(1_700_000_000_000L);

  final EdgeClient client;
  final String url;
  long bdSeq = -1;
  double temperature = 20.5;

  TahuNode(String port, String host) throws Exception {
    url = "tcp://127.0.0.1:" + port;
    MqttServerDefinition server = new MqttServerDefinition(new MqttServerName("broker"), new MqttClientId("tahu", false),
        new MqttServerUrl(url), null, null, 30, DEATH);
    client = new EdgeClient(this, NODE, List.of("oven"), host.equals("-") ? null : host, true, 0L, List.of(server), this, null);
    new Thread(client).start();
  }

  static Metric metric(String name, MetricDataType type, Object value) throws Exception {
    return new MetricBuilder(name, type, value).timestamp(BORN).createMetric();
  }

  static List<Metric> types() throws Exception {
    Template motor = new TemplateBuilder().version("1").templateRef("Motor").definition(false)
        .addMetric(metric("speed", MetricDataType.Int32, -7)).addMetric(metric("on", MetricDataType.Boolean, true)).createTemplate();
    DataSet table = new DataSetBuilder(2).addColumnName("id").addColumnName("name").addType(DataSetDataType.Int64)
        .addType(DataSetDataType.String)
        .addRow(new RowBuilder().addValue(new Value<>(DataSetDataType.Int64, -5L)).addValue(new Value<>(DataSetDataType.String, "a")).createRow())
        .createDataSet();
    List<Metric> all = new ArrayList<>();
    all.add(metric("Int8", MetricDataType.Int8, (byte) -8));
    all.add(metric("Int16", MetricDataType.Int16, (short) -16));
    all.add(metric("Int32", MetricDataType.Int32, -32));
    all.add(metric("Int64", MetricDataType.Int64, Long.MIN_VALUE));
    all.add(metric("UInt8", MetricDataType.UInt8, (short) 255));
    all.add(metric("UInt16", MetricDataType.UInt16, 65535));
    all.add(metric("UInt32", MetricDataType.UInt32, 4294967295L));
    all.add(metric("UInt64", MetricDataType.UInt64, new BigInteger("18446744073709551615")));
    all.add(metric("Float", MetricDataType.Float, 1.5f));
    all.add(metric("Double", MetricDataType.Double, 0.1));
    all.add(metric("Boolean", MetricDataType.Boolean, true));
    all.add(metric("String", MetricDataType.String, "grün"));
    all.add(metric("DateTime", MetricDataType.DateTime, BORN));
    all.add(metric("Text", MetricDataType.Text, "long"));
    all.add(metric("UUID", MetricDataType.UUID, "7f3b9a52-4f0e-4c3a-8a2f-0d8b8f6c1a11"));
    all.add(metric("Bytes", MetricDataType.Bytes, new byte[] { 1, 2, (byte) 255 }));
    all.add(metric("File", MetricDataType.File, new File("a.bin", new byte[] { 9 })));
    all.add(metric("DataSet", MetricDataType.DataSet, table));
    all.add(metric("Motor", MetricDataType.Template, motor));
    all.add(metric("Int8Array", MetricDataType.Int8Array, new Byte[] { -1, 2 }));
    all.add(metric("Int16Array", MetricDataType.Int16Array, new Short[] { -1, 2 }));
    all.add(metric("Int32Array", MetricDataType.Int32Array, new Integer[] { -1, 2 }));
    all.add(metric("Int64Array", MetricDataType.Int64Array, new Long[] { Long.MIN_VALUE, 2L }));
    all.add(metric("UInt8Array", MetricDataType.UInt8Array, new Short[] { 255, 2 }));
    all.add(metric("UInt16Array", MetricDataType.UInt16Array, new Integer[] { 65535, 2 }));
    all.add(metric("UInt32Array", MetricDataType.UInt32Array, new Long[] { 4294967295L, 2L }));
    all.add(metric("UInt64Array", MetricDataType.UInt64Array, new BigInteger[] { new BigInteger("18446744073709551615"), BigInteger.TWO }));
    all.add(metric("FloatArray", MetricDataType.FloatArray, new Float[] { 1.5f, Float.NaN }));
    all.add(metric("DoubleArray", MetricDataType.DoubleArray, new Double[] { 0.1, -2.0 }));
    all.add(metric("BooleanArray", MetricDataType.BooleanArray, new Boolean[] { false, false, true, true, false, true, false, false, true, true, false, true }));
    all.add(metric("StringArray", MetricDataType.StringArray, new String[] { "ABC", "grün" }));
    all.add(metric("DateTimeArray", MetricDataType.DateTimeArray, new Date[] { BORN }));
    all.add(metric("Null", MetricDataType.Int32, null));
    return all;
  }

  Metric temperature() throws Exception {
    PropertySet properties = new PropertySetBuilder()
        .addProperty("engUnit", new PropertyValue<>(PropertyDataType.String, "degC"))
        .addProperty("Quality", new PropertyValue<>(PropertyDataType.Int32, 192)).createPropertySet();
    return new MetricBuilder("temperature", MetricDataType.Double, temperature).properties(properties).timestamp(new Date()).createMetric();
  }

  @Override public Topic getDeathTopic() { return DEATH; }

  @Override public byte[] getDeathPayloadBytes() throws Exception {
    bdSeq = (bdSeq + 1) % 256;
    SparkplugBPayload payload = new SparkplugBPayloadBuilder().setTimestamp(new Date()).createPayload();
    payload.addMetric(new MetricBuilder("bdSeq", MetricDataType.Int64, bdSeq).createMetric());
    return new SparkplugBPayloadEncoder().getBytes(payload, false);
  }

  @Override public void publishBirthSequence() {
    try {
      SparkplugBPayloadMapBuilder birth = new SparkplugBPayloadMapBuilder().setTimestamp(new Date());
      birth.addMetric(new MetricBuilder("bdSeq", MetricDataType.Int64, bdSeq).createMetric());
      birth.addMetric(metric("Node Control/Rebirth", MetricDataType.Boolean, false));
      birth.addMetrics(types());
      client.publishNodeBirth(birth.createPayload());
      SparkplugBPayload device = new SparkplugBPayloadBuilder().setTimestamp(new Date()).createPayload();
      device.addMetric(temperature());
      client.publishDeviceBirth("oven", device);
      System.out.println("born " + bdSeq);
    } catch (Exception error) {
      error.printStackTrace();
    }
  }

  @Override public boolean hasMetric(SparkplugDescriptor descriptor, String name) { return true; }

  @Override public void shutdown() {}

  @Override public void connectionLost(MqttServerName name, MqttServerUrl url, MqttClientId id, Throwable cause) {}

  @Override public void connectComplete(boolean reconnect, MqttServerName name, MqttServerUrl url, MqttClientId id) {}

  @Override public void messageArrived(MqttServerName name, MqttServerUrl url, MqttClientId id, String topic, MqttMessage message) {
    try {
      if (topic.startsWith("spBv1.0/STATE/")) {
        StatePayload state = new com.fasterxml.jackson.databind.ObjectMapper().readValue(message.getPayload(), StatePayload.class);
        System.out.println("state " + new String(message.getPayload(), StandardCharsets.UTF_8));
        client.handleStateMessage(TopicUtil.parseTopic(topic).getHostApplicationId(), state);
      } else if (TopicUtil.parseTopic(topic).isType(MessageType.NCMD)) {
        for (Metric metric : new SparkplugBPayloadDecoder().buildFromByteArray(message.getPayload(), null).getMetrics()) {
          System.out.println("command " + metric.getName() + " " + metric.getValue());
          if (metric.getName().equals("Node Control/Rebirth")) client.handleRebirthRequest(true);
        }
      }
    } catch (Exception error) {
      error.printStackTrace();
    }
  }

  void data(Metric... metrics) throws Exception {
    SparkplugBPayload payload = new SparkplugBPayloadBuilder().setTimestamp(new Date()).createPayload();
    for (Metric metric : metrics) payload.addMetric(metric);
    client.publishDeviceData("oven", payload);
  }

  /** Past the edge client, which finds an alias for every metric and has none for what describes a compressed body. */
  void publish(String topic, SparkplugBPayload payload) throws Exception {
    try (MqttClient plain = new MqttClient(url, "plain", new MemoryPersistence())) {
      plain.connect();
      plain.publish(topic, new SparkplugBPayloadEncoder().getBytes(payload, false), 0, false);
      plain.disconnect();
    }
  }

  void order(String line) throws Exception {
    String[] words = line.split(" ");
    switch (words[0]) {
      case "temperature" -> {
        temperature = Double.parseDouble(words[1]);
        data(new MetricBuilder("temperature", MetricDataType.Double, temperature).timestamp(new Date()).createMetric());
      }
      case "past" -> data(new MetricBuilder("temperature", MetricDataType.Double, Double.parseDouble(words[1])).timestamp(BORN).isHistorical(true).createMetric());
      case "node" -> {
        SparkplugBPayload payload = new SparkplugBPayloadBuilder().setTimestamp(new Date()).createPayload();
        for (Metric metric : types()) payload.addMetric(metric);
        client.publishNodeData(payload);
      }
      case "packed" -> {
        SparkplugBPayload payload = new SparkplugBPayloadBuilder().setTimestamp(new Date()).createPayload();
        for (Metric metric : types()) payload.addMetric(metric);
        payload.setSeq(client.getNextSeqNum());
        publish("spBv1.0/plant/NDATA/line1", PayloadUtil.compress(payload, CompressionAlgorithm.parse(words[1]), false));
      }
      case "device-death" -> client.publishDeviceDeath("oven");
      case "skip" -> client.getNextSeqNum();
      case "rebirth" -> client.handleRebirthRequest(true);
      default -> throw new IllegalArgumentException(line);
    }
  }

  public static void main(String[] arguments) throws Exception {
    TahuNode node = new TahuNode(arguments[0], arguments[1]);
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      System.out.println("orders on " + server.getLocalPort());
      Socket socket = server.accept();
      PrintStream answer = new PrintStream(socket.getOutputStream(), true);
      BufferedReader lines = new BufferedReader(new InputStreamReader(socket.getInputStream()));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        try {
          node.order(line);
          answer.println("ok");
        } catch (Exception error) {
          error.printStackTrace();
          answer.println("failed " + error);
        }
      }
    }
    Runtime.getRuntime().halt(0);
  }
}
