/** Under the home directory: own/, trusted/certs/, trusted/crl/, issuers/, rejected/, as OPC UA Part 12 lays them out. */
export const PKI_FOLDER = "certs/opcua";
