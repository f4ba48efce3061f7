"""SpikeDash: train recurrent spiking networks and watch them learn (Kim & Chow 2018, eLife 7:e37124)."""
