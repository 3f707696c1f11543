"""Finding evidence: the company's articles and the customer's facts. Imports only ``nlu``."""
